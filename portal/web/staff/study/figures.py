"""The study's figures: completion, silence, answers in time, alert load, both arms side by side, enrolment."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Final

from flask import Blueprint, render_template, request
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.access import Permission, is_allowed
from portal.domain.proportions import MedianInterval, Rate, Share
from portal.domain.tasks import TaskKind
from portal.extensions import db
from portal.services import figures, tasks, triage
from portal.web import guards
from portal.web.guards import staff_view
from portal.web.labels.triage import duration_label

DASH: Final = "–"
MONTH: Final = "yyyy-MM"

LEVELS: Final = ("red", "amber", "listed")
TITLES: Final = {
    "completion": _l("Diaries that came of those owed"),
    "reports": _l("Reports with an alert"),
    "missed": _l("Missed diaries"),
    "alerts": _l("Alerts against the clock"),
    "closed": _l("Closed episodes"),
    "calls": _l("Calls"),
    "reminders": _l("Reminders"),
    "enrolled": _l("Enrolled"),
}
COLUMNS: Final = {
    "completion": {"came": _l("Came"), "owed": _l("Owed")},
    "reports": {"diary": _l("Diary of"), "level": _l("Level")},
    "missed": {"day": _l("Date"), "number": _l("Missed in a row")},
    "alerts": {"episode": _l("Organ"), "level": _l("Level"), "at": _l("Alert"), "seen": _l("Looked at"),
               "closed": _l("Closed")},
    "closed": {"episode": _l("Organ"), "closed": _l("Closed"), "outcome": _l("Outcome")},
    "calls": {"number": _l("How many")},
    "reminders": {"number": _l("How many")},
    "enrolled": {"day": _l("Enrolled")},
}  # fmt: skip

blueprint = Blueprint("staff_figures", __name__)


@blueprint.get("/staff/study/figures")
@staff_view(Permission.STUDY_READ)
def show_study_metrics() -> str:
    actor, now = guards.current_actor(), guards.request_time()
    return render_template(
        "staff/figures/page.html",
        figures=figures.compute_metrics(db.session, actor=actor, now=now),
        arms=figures.ARMS,
        assumptions=tasks.count_open_tasks(db.session, kind=TaskKind.ASSUMPTION),
        may_triage=is_allowed(actor, Permission.TRIAGE_READ),
        may_read=is_allowed(actor, Permission.PARTICIPANTS_READ),
        silent=triage.count_without_recent_diary(db.session, actor=actor, now=now),
    )


@blueprint.get(f"/staff/study/figures/<any({', '.join(figures.KINDS)}):kind>")
@staff_view(Permission.PARTICIPANTS_READ)
def show_rows(kind: str) -> str:
    """The rows behind a number. The filter is in the URL: arm, level, study days, month."""
    args = request.args
    chosen = {name: args[name] for name in ("arm", "level", "first", "last", "month") if args.get(name)}
    asked = figures.DrilldownFilter(
        now=guards.request_time(),
        arm=args.get("arm", type=_one_of(figures.ARMS)),
        level=args.get("level", type=_one_of(LEVELS)),
        first_day=args.get("first", 0, type=int),
        last_day=args.get("last", 10_000, type=int),
        month_on=args.get("month", type=date.fromisoformat),
        after=args.get("after", "")[:40],
    )
    return render_template(
        "staff/figures/rows.html",
        title=TITLES[kind],
        columns=COLUMNS[kind],
        kind=kind,
        asked=asked,
        chosen=chosen,
        page=figures.list_drilldown_rows(db.session, actor=guards.current_actor(), kind=kind, asked=asked),
        may_triage=is_allowed(guards.current_actor(), Permission.TRIAGE_READ),
    )


def _one_of(allowed: Collection[str]) -> Callable[[str], str]:
    """Anything else is as if it had not been asked for."""

    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(value)
        return value

    return read


@blueprint.app_template_filter("share_label")
def share_label(share: Share) -> str:
    """``379 of 420, 90 % (87-93 %)``: the interval is Wilson's at 95 %."""
    if share.percent is None or share.interval is None:
        return DASH
    low, high = share.interval
    counts = _("%(count)s of %(of)s", count=share.count, of=share.of)
    return f"{counts}, {share.percent:.0f} % ({low:.0f}–{high:.0f} %)"


@blueprint.app_template_filter("rate_label")
def rate_label(rate: Rate) -> str:
    """``2.5 (1.7-3.4)`` in 28 days."""
    if rate.per_28_days is None or rate.interval is None:
        return DASH
    low, high = rate.interval
    return f"{rate.per_28_days:.1f} ({low:.1f}–{high:.1f})"


@blueprint.app_template_filter("median_label")
def median_label(minutes: MedianInterval) -> str:
    """``24 min (18 min-31 min)``."""
    if minutes.median is None:
        return DASH
    said = [duration_label(timedelta(minutes=round(one))) for one in (minutes.median, *(minutes.interval or ()))]
    return said[0] if len(said) == 1 else f"{said[0]} ({said[1]}–{said[2]})"


@blueprint.app_template_filter("enrolment_month_label")
def enrolment_month_label(first_on: date) -> str:
    return str(format_date(first_on, MONTH, rebase=False))
