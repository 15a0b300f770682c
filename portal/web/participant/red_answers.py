"""The card "call now" on the pages of a participant: what it says, "I have called", and "I tapped the wrong thing"."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.domain.alert_rules.kinds import Evidence
from portal.domain.call_now import BREATHING_FIRST
from portal.domain.errors import NotFound
from portal.domain.typed_entry import read_iso_day
from portal.extensions import Session, db
from portal.services import diary
from portal.web import guards
from portal.web.forms import Form, submits
from portal.web.guards import open_to_day_link, participant_view, writes
from portal.web.labels.triage import evidence_labels
from portal.web.locale import local_path

blueprint = Blueprint("red", __name__)


@dataclass(frozen=True, slots=True)
class RedCard:
    """What the card shows. ``signs``: what was answered, in words; ``emergency``: 120 stands first.

    ``mistakes``: (words of the sign, address of the page that asks whether it was one). ``onward``: where "I have
    called" leads. ``claimed_by_at`` and ``spoke_at`` as in ``services.diary.CallNow``.
    """

    signs: tuple[str, ...]
    emergency: bool
    mistakes: tuple[tuple[str, str], ...] = ()
    called_action: str | None = None
    onward: str | None = None
    claimed_by_at: datetime | None = None
    spoke_at: datetime | None = None


def find_call_now() -> RedCard | None:
    """The card that stays until a nurse has spoken with the participant; None without one. Read once a request."""
    if "call_now" not in g:
        g.call_now = diary.get_call_now(db.session, actor=guards.current_actor(), now=guards.request_time())
    call: diary.CallNow | None = g.call_now
    if call is None:
        return None
    return RedCard(
        signs=_words(call.signs),
        emergency=call.breathing_first,
        claimed_by_at=call.claimed_by_at,
        spoke_at=call.short_since_contact_at,
        called_action=url_for("red.say_called_today"),
        onward=url_for("patient.show_today"),
    )


def build_draft_card(draft: diary.DraftView, shown: Collection[int], *, onward: str) -> RedCard | None:
    """The card of those unsent reds of a draft whose ids are in ``shown``; None when there is none of them."""
    reds = [red for red in draft.unsent_reds if red.flag_id in shown]
    if not reds:
        return None
    mistakes = [(_words([red.evidence])[0], _mistake(draft, red)) for red in reds if red.can_be_taken_back]
    return RedCard(
        signs=_words(red.evidence for red in reds),
        emergency=any(red.rule_id in BREATHING_FIRST for red in reds),
        mistakes=tuple(mistakes),
        called_action=url_for("red.say_called", day=draft.diary_on),
        onward=onward,
    )


def _words(signs: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(evidence_labels(map(Evidence.from_json, signs)))


def _mistake(draft: diary.DraftView, red: diary.UnsentRed) -> str:
    return url_for("red.ask_mistake", day=draft.diary_on, flag_id=red.flag_id)


def list_new_reds(draft: diary.DraftView) -> tuple[int, ...]:
    """The ids of the reds that this request has raised."""
    return tuple(red.flag_id for red in draft.unsent_reds if red.answered_at >= guards.request_time())


def list_shown_reds() -> tuple[int, ...]:
    """The ids that the address of this page names: those that the page before has raised."""
    return tuple(int(part) for part in request.args.get("red", "").split(".") if part.isdecimal() and len(part) < 19)


def redirect_past_reds(session: Session, draft: diary.DraftView, name: str, following: str) -> Response:
    """To the following page, with the card of what is new; first to the question whether an answer was a mistake."""
    if any(red.page == name and red.answered_at < guards.request_time() for red in draft.unsent_reds):
        who, now = guards.current_actor(), guards.request_time()
        changed = diary.list_contradicted_reds(session, actor=who, diary_on=draft.diary_on, now=now)
        if changed:
            return redirect(_mistake(draft, changed[0]))
    return redirect(_diary_page(draft, following, list_new_reds(draft)))


def _diary_page(draft: diary.DraftView, name: str, reds: Iterable[int] = ()) -> str:
    shown = ".".join(map(str, reds)) or None
    return url_for("diary.show_diary_page", day=draft.diary_on, name=name, red=shown)


class MistakeForm(Form):
    """Only its token."""


@blueprint.get("/diary/<day>/mistake/<int:flag_id>")
@participant_view
@open_to_day_link()
def ask_mistake(day: str, flag_id: int) -> str:
    """One red answer, and whether it was a mistake."""
    return _ask(MistakeForm(formdata=None), day, flag_id)


def _ask(form: Form, day: str, flag_id: int) -> str:
    draft = _draft(day)
    red = next((one for one in draft.unsent_reds if one.flag_id == flag_id), None)
    if red is None:
        raise NotFound
    page = _diary_page(draft, red.page or "review")
    return render_template(
        "participant/red_mistake.html", form=form, red=red, sign=_words([red.evidence])[0], page=page
    )


@blueprint.post("/diary/<day>/mistake/<int:flag_id>")
@participant_view
@open_to_day_link()
@submits(MistakeForm, again=_ask)
@writes
def take_back(session: Session, _form: Form, day: str, flag_id: int) -> Response:
    """Take the red back, and ask its question again. The second one of a day stays red."""
    who, now = guards.current_actor(), guards.request_time()
    before = _draft(day)
    page = next((one.page for one in before.unsent_reds if one.flag_id == flag_id), None)
    diary.take_back_red(session, actor=who, diary_on=before.diary_on, flag_id=flag_id, now=now)
    draft = _draft(day)
    still = [one.flag_id for one in draft.unsent_reds if one.flag_id == flag_id]
    if not still:
        flash(_("Taken back. The ward will see that it was a mistake."))
    return redirect(_diary_page(draft, page or "review", still))


def _draft(day: str) -> diary.DraftView:
    on = read_iso_day(day)
    if on is None:
        raise NotFound
    return diary.get_draft(db.session, actor=guards.current_actor(), diary_on=on)


@blueprint.post("/diary/<day>/called")
@participant_view
@open_to_day_link()
@writes
def say_called(session: Session, day: str) -> ResponseReturnValue:
    """The participant has called, and goes on with the diary of ``day``."""
    return _record_call(session, default=url_for("diary.show_diary_page", day=day, name="review"))


@blueprint.post("/called")
@participant_view
@writes
def say_called_today(session: Session) -> ResponseReturnValue:
    return _record_call(session, default=url_for("patient.show_today"))


def _record_call(session: Session, *, default: str) -> Response:
    diary.record_own_call(session, actor=guards.current_actor(), now=guards.request_time())
    flash(_("Thank you for calling. The number stays here until a nurse has spoken with you."))
    return redirect(local_path(request.form.get("next", ""), default))
