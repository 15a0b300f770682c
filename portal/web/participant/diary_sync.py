"""Receives diaries queued on a phone, one per request, and serves what a phone needs to work offline."""

import re
from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, Flask, Response, jsonify, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from portal.domain.alert_rules import Severity
from portal.domain.diary import WindowVerdict, derive_client_id, local_day
from portal.extensions import Session, db
from portal.services import diary
from portal.web import guards, locale, tokens
from portal.web.guards import participant_view, takes_json, writes
from portal.web.participant import offline, red_answers

blueprint = Blueprint("diary_sync", __name__)
CONTACT: Final = "contact"
CONTACT_MAX_AGE_SECONDS: Final = 90 * 24 * 3600
OFFSET_MAX_MINUTES: Final = 14 * 60
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def init_device_facts(app: Flask) -> None:
    """Give templates ``device_facts()``, for the pages of somebody who is signed in."""
    app.jinja_env.globals["device_facts"] = device_facts


def device_facts() -> dict[str, Any]:
    """What the phone keeps, encrypted, until the next visit. ``contact`` proves when it last had the server's time."""
    person, now = current_user.person, guards.request_time()
    today = local_day(now, person.timezone)
    known = diary.get_device_facts(db.session, actor=guards.current_actor(), today=today, now=now)
    until = known.infusion_check_until_at
    call = red_answers.find_call_now()
    return {
        "account": person.id,
        "now": now.isoformat(),
        "number": person.study_number,
        **({"call": {"signs": call.signs, "breathing": call.emergency}} if call else {}),
        "timezone": person.timezone,
        "language": locale.current_language(),
        "age": known.age,
        "weight": known.weight_kg,
        **(
            {"extraPage": {"until": until.isoformat(), **offline.device_page(locale.current_language())}}
            if until
            else {}
        ),
        "contact": tokens.seal_token(CONTACT, {"account": person.id, "at": now.isoformat()}),
    }


@blueprint.get("/diary/device")
@participant_view
def show_device() -> Response:
    """Who is signed in here, and a fresh token to send with."""
    return jsonify(account=current_user.person.id, csrf=generate_csrf())


@blueprint.post("/diary/sync")
@participant_view
@takes_json
@writes
def sync_diary(session: Session) -> tuple[Response, int]:
    """Keep one queued report as a diary or as a report; returns what became of it, and where to go on.

    Only the account that wrote it may send it: on a shared phone nobody sends another's diary. Whatever else is wrong
    with it, it is answered with 200: no item may hold up what waits behind it.
    """
    sent = request.get_json(silent=True)
    if isinstance(sent, dict) and str(sent.get("account")) != str(current_user.person.id):
        return jsonify(result="other-account", reason=_("This diary was written by somebody else.")), 403
    answer = diary.receive_queued_diary(
        session,
        actor=guards.current_actor(),
        waiting=_waiting(sent if isinstance(sent, dict) else {}),
        now=guards.request_time(),
    )
    return jsonify(
        result=answer.verdict,
        severity=answer.severity,
        reason=_(answer.reason) if answer.reason else "",
        url=_place(answer),
    ), 200


def _place(answer: diary.SyncResult) -> str:
    """Where to go on from here: what is red first, then what needs another look."""
    if answer.verdict is WindowVerdict.UNFINISHED and answer.severity != Severity.RED:
        return url_for("diary.show_diary_page", day=answer.diary_on, name="review")
    if answer.diary_id is not None:
        return url_for("diary.show_result", diary_id=answer.diary_id)
    return url_for("patient.show_today")


def _waiting(sent: dict[str, Any]) -> diary.QueuedDiary:
    """What can be read of it; the rest is None, and of a client id one that is made of what was sent."""
    client_id, language, raw = sent.get("client_id"), sent.get("language"), sent.get("raw")
    sound = isinstance(client_id, str) and 0 < len(client_id) <= 36 and client_id.isascii() and client_id.isprintable()
    return diary.QueuedDiary(
        client_id=str(client_id) if sound else derive_client_id(client_id, sent.get("entered_at"), raw),
        diary_on=_read_day(sent.get("diary_on")),
        raw=raw if isinstance(raw, dict) else {},
        claimed_at=_read_instant(sent.get("entered_at")),
        offset_minutes=_read_offset(sent.get("offset_minutes")),
        language=language if isinstance(language, str) and language in locale.LOCALES else locale.current_language(),
        last_contact_at=_last_contact(sent.get("contact")),
    )


def _read_day(text: Any) -> date | None:
    """A day as ``2026-12-01`` only: what else a date parser takes, a phone has not meant."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except (TypeError, ValueError):
        return None


def _read_instant(text: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return instant if instant.tzinfo is not None else None


def _read_offset(given: Any) -> int | None:
    whole = isinstance(given, int) and not isinstance(given, bool)
    return given if whole and abs(given) <= OFFSET_MAX_MINUTES else None


def _last_contact(token: Any) -> datetime | None:
    """When this phone was last told the time before it wrote; None for a token that is not this account's."""
    known = (
        tokens.open_token(CONTACT, token, max_age_seconds=CONTACT_MAX_AGE_SECONDS) if isinstance(token, str) else None
    )
    if known is None or known["account"] != current_user.person.id:
        return None
    return datetime.fromisoformat(known["at"])
