"""The participant's calendar: one month as a table, and every appointment as a list.

States are said in words and shown as shapes. Somebody without infusions gets a page that has never heard of them.
"""

from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.domain.diary import local_day
from portal.domain.errors import Invalid, NotFound
from portal.extensions import db
from portal.services import infusions
from portal.web import guards
from portal.web.guards import patient, writes
from portal.web.labels.dates import day_words, in_language, point, time_words
from portal.web.labels.months import Cell, month_words, weekday_names
from portal.web.participant.appointments import STATE_WORDS, item, preparations, state_of

blueprint = Blueprint("calendar", __name__)

DIARY_WORDS: Final = MappingProxyType(
    {
        "sent": _l("Diary sent"),
        "late": _l("Diary sent late"),
        "missed": _l("No diary"),
        "open": _l("Diary to fill in"),
    }
)
INFUSION_MARKS: Final = MappingProxyType(
    {
        "planned": "infusion-planned",
        "confirmed": "infusion-planned",
        "moved": "infusion-moved",
        "given": "infusion-given",
        "held": "infusion-missed",
        "missed": "infusion-missed",
        "cancelled": "infusion-missed",
    }
)
INFUSION_LEGEND: Final = (
    ("infusion-planned", _l("Infusion planned")),
    ("infusion-moved", _l("Infusion moved to this day")),
    ("infusion-given", _l("Infusion given")),
    ("infusion-missed", _l("Infusion did not take place")),
)


@blueprint.get("/calendar")
@patient
def page() -> str:
    """``?month=2026-11``; without it, this month."""
    person, now = current_user.person, guards.now()
    today = local_day(now, person.timezone)
    year, month = _month(request.args.get("month", ""), today)
    shown = infusions.month(db.session, actor=guards.actor(), year=year, month=month, now=now)
    upcoming = [item(entry) for entry in shown.upcoming]
    return render_template(
        "participant/calendar.html",
        caption=month_words(shown.year, shown.month),
        weekdays=weekday_names(),
        weeks=[[_cell(day) if day else None for day in week] for week in shown.weeks],
        legend=_legend(has_infusions=shown.has_infusions),
        previous=_link(shown.previous),
        next=_link(shown.next),
        upcoming=upcoming,
        preparations=preparations(upcoming),
        past=[item(entry) for entry in shown.past],
        news=[item(entry) for entry in shown.news],
    )


@blueprint.post("/calendar/seen")
@patient
@writes
def seen(unit: Any) -> Response:
    """Up to the newest change that the page has shown; what changed since stays marked."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError as error:
        raise Invalid from error
    if until.tzinfo is None:
        raise Invalid
    infusions.mark_seen(unit, actor=guards.actor(), until=until, now=guards.now())
    return redirect(url_for("patient.today" if request.form.get("back") == "today" else ".page"))


def _month(text: str, today: date) -> tuple[int, int]:
    if not text:
        return today.year, today.month
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise NotFound from error
    if abs(first.year - today.year) > 5:
        raise NotFound
    return first.year, first.month


def _link(month: tuple[int, int] | None) -> dict[str, str] | None:
    if month is None:
        return None
    year, number = month
    return {"href": url_for("calendar.page", month=f"{year}-{number:02}"), "words": month_words(year, number)}


def _cell(day: infusions.CalendarDay) -> Cell:
    said = [day_words(day.on)]
    marks = [_mark(entry) for entry in day.entries]
    said += [_sentence(entry) for entry in day.entries]
    if day.diary:
        said.append(str(DIARY_WORDS[day.diary]))
        marks.append(f"diary-{day.diary}")
    return Cell(day.on.day, point("semicolon").join(said), _href(day), day.today, tuple(marks))


def _href(day: infusions.CalendarDay) -> str | None:
    """What was sent leads to the record, what is open to where it is filled in."""
    if day.diary_id is not None:
        return url_for("patient.report", diary_id=day.diary_id)
    if day.diary == "open":
        return url_for("diary.start") if day.today else url_for("patient.today")
    return None


def _mark(entry: infusions.Entry) -> str:
    return "visit" if entry.appointment.kind == "visit" else INFUSION_MARKS[state_of(entry)]


def _sentence(entry: infusions.Entry) -> str:
    name, state = in_language(entry.appointment.name), STATE_WORDS[state_of(entry)]
    return str(_("%(name)s at %(time)s: %(state)s", name=name, time=time_words(entry.appointment.at), state=state))


def _legend(*, has_infusions: bool) -> list[tuple[str, str]]:
    infusion_marks = INFUSION_LEGEND if has_infusions else ()
    diary_marks = [(f"diary-{state}", words) for state, words in DIARY_WORDS.items()]
    return [(mark, str(words)) for mark, words in (*diary_marks, *infusion_marks, ("visit", _l("Visit")))]
