"""Receives diaries queued on a phone, one per request, and serves what a phone needs to work offline."""

from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, Flask, Response, jsonify, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from portal.domain.diary import WindowVerdict, local_day
from portal.domain.errors import Invalid
from portal.extensions import Session, db
from portal.services import diary
from portal.web import guards, locale, tokens
from portal.web.guards import participant_view, takes_json, writes
from portal.web.participant import offline, red_answers

blueprint = Blueprint("diary_sync", __name__)
CONTACT: Final = "contact"
CONTACT_MAX_AGE_SECONDS: Final = 90 * 24 * 3600
OFFSET_MAX_MINUTES: Final = 14 * 60
STATUS: Final = {WindowVerdict.REFUSED: 422, WindowVerdict.UNFINISHED: 422}


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
    """Store one queued report; returns its verdict, with a reason where it was not stored.

    Only the account that wrote it may send it: on a shared phone nobody sends another's diary.
    """
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or sent.get("account") != current_user.person.id:
        return jsonify(result="other-account", reason=_("This diary was written by somebody else.")), 403
    answer = diary.receive_queued_diary(
        session, actor=guards.current_actor(), waiting=_waiting(sent), now=guards.request_time()
    )
    return jsonify(
        result=answer.verdict,
        severity=answer.severity,
        reason=_(answer.reason) if answer.reason else "",
        url=_place(answer, str(sent["diary_on"])),
    ), STATUS.get(answer.verdict, 200)


def _place(answer: diary.SyncResult, day: str) -> str:
    """Where to go on from here."""
    if answer.diary_id is not None:
        return url_for("diary.show_result", diary_id=answer.diary_id)
    unfinished = answer.verdict is WindowVerdict.UNFINISHED
    return url_for("diary.show_diary_page", day=day, name="review") if unfinished else url_for("patient.show_today")


def _waiting(sent: dict[str, Any]) -> diary.QueuedDiary:
    """Raises Invalid for what no page of ours would send."""
    try:
        claimed_at, offset = datetime.fromisoformat(sent["entered_at"]), int(sent["offset_minutes"])
        client_id, day = str(sent["client_id"]), date.fromisoformat(sent["diary_on"])
    except (KeyError, TypeError, ValueError) as fault:
        raise Invalid("Something in the request was not right. Go back, check and send it again.") from fault
    raw, language = sent.get("raw"), sent.get("language")
    sound = 0 < len(client_id) <= 36 and client_id.isascii() and language in locale.LOCALES
    if not sound or not isinstance(raw, dict) or claimed_at.tzinfo is None or abs(offset) > OFFSET_MAX_MINUTES:
        raise Invalid("Something in the request was not right. Go back, check and send it again.")
    return diary.QueuedDiary(
        client_id=client_id,
        diary_on=day,
        raw=raw,
        claimed_at=claimed_at,
        offset_minutes=offset,
        language=str(language),
        last_contact_at=_last_contact(sent.get("contact")),
    )


def _last_contact(token: Any) -> datetime | None:
    """When this phone was last told the time before it wrote; None for a token that is not this account's."""
    known = (
        tokens.open_token(CONTACT, token, max_age_seconds=CONTACT_MAX_AGE_SECONDS) if isinstance(token, str) else None
    )
    if known is None or known["account"] != current_user.person.id:
        return None
    return datetime.fromisoformat(known["at"])
