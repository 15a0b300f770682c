"""The participant's calendar: one month as a table, and every appointment as a list.

States are given in words and as shapes. A participant without infusions gets a page that does not mention them.
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
from portal.web.guards import participant_view, writes
from portal.web.labels.dates import day_label, localized_text, point, time_label
from portal.web.labels.months import MonthCell, month_label, weekday_names
from portal.web.participant.appointments import STATE_WORDS, build_item, list_preparations, shown_state

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
@participant_view
def show_calendar() -> str:
    """``?month=2026-11``; without it, this month."""
    person, now = current_user.person, guards.request_time()
    today = local_day(now, person.timezone)
    year, month = _month(request.args.get("month", ""), today)
    shown = infusions.get_calendar_month(db.session, actor=guards.current_actor(), year=year, month=month, now=now)
    upcoming = [build_item(entry) for entry in shown.upcoming]
    return render_template(
        "participant/calendar.html",
        caption=month_label(shown.year, shown.month),
        weekdays=weekday_names(),
        weeks=[[_cell(day) if day else None for day in week] for week in shown.weeks],
        legend=_legend(has_infusions=shown.has_infusions),
        previous=_link(shown.previous),
        next=_link(shown.next),
        upcoming=upcoming,
        preparations=list_preparations(upcoming),
        past=[build_item(entry) for entry in shown.past],
        news=[build_item(entry) for entry in shown.news],
    )


@blueprint.post("/calendar/seen")
@participant_view
@writes
def mark_changes_seen(db_session: Any) -> Response:
    """Up to the newest change that the page has shown; what changed since stays marked."""
    try:
        until = datetime.fromisoformat(request.form.get("until", ""))
    except ValueError as error:
        raise Invalid from error
    if until.tzinfo is None:
        raise Invalid
    infusions.mark_changes_seen(db_session, actor=guards.current_actor(), until=until, now=guards.request_time())
    return redirect(url_for("patient.show_today" if request.form.get("back") == "today" else ".show_calendar"))


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
    return {"href": url_for("calendar.show_calendar", month=f"{year}-{number:02}"), "words": month_label(year, number)}


def _cell(day: infusions.CalendarDay) -> MonthCell:
    said = [day_label(day.on)]
    marks = [_mark(entry) for entry in day.entries]
    said += [_sentence(entry) for entry in day.entries]
    if day.diary:
        said.append(str(DIARY_WORDS[day.diary]))
        marks.append(f"diary-{day.diary}")
    return MonthCell(day.on.day, point("semicolon").join(said), _href(day), day.today, tuple(marks))


def _href(day: infusions.CalendarDay) -> str | None:
    """What was sent leads to the record, what is open to where it is filled in."""
    if day.diary_id is not None:
        return url_for("patient.show_report", diary_id=day.diary_id)
    if day.diary == "open":
        return url_for("diary.start_diary") if day.today else url_for("patient.show_today")
    return None


def _mark(entry: infusions.CalendarEntry) -> str:
    return "visit" if entry.appointment.kind == "visit" else INFUSION_MARKS[shown_state(entry)]


def _sentence(entry: infusions.CalendarEntry) -> str:
    name, state = localized_text(entry.appointment.name), STATE_WORDS[shown_state(entry)]
    return str(_("%(name)s at %(time)s: %(state)s", name=name, time=time_label(entry.appointment.at), state=state))


def _legend(*, has_infusions: bool) -> list[tuple[str, str]]:
    infusion_marks = INFUSION_LEGEND if has_infusions else ()
    diary_marks = [(f"diary-{state}", words) for state, words in DIARY_WORDS.items()]
    return [(mark, str(words)) for mark, words in (*diary_marks, *infusion_marks, ("visit", _l("Visit")))]
