"""The study's figures: completion, silence, answers in time, alert load, both arms side by side, enrolment."""

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, render_template
from flask_babel import format_date
from flask_babel import gettext as _

from portal.domain.access import Permission, can
from portal.domain.proportions import Rate, Share
from portal.extensions import db
from portal.services import figures, triage
from portal.web import guards
from portal.web.evidence import span_words
from portal.web.guards import staff

DASH: Final = "–"
MONTH: Final = "yyyy-MM"

blueprint = Blueprint("staff_figures", __name__)


@blueprint.get("/staff/study/figures")
@staff(Permission.STUDY_READ)
def page() -> str:
    actor, now = guards.actor(), guards.now()
    sites = actor.sites
    return render_template(
        "staff/figures/page.html",
        figures=figures.figures(db.session, sites=sites, now=now),
        arms=figures.ARMS,
        may_triage=can(actor, Permission.TRIAGE_READ),
        may_read=can(actor, Permission.PARTICIPANTS_READ),
        silent=triage.silent_count(db.session, sites=sites, now=now),
    )


@blueprint.app_template_filter("share_words")
def share_words(share: Share) -> str:
    """``379 of 420, 90 % (87-93 %)``: the interval is Wilson's at 95 %."""
    if share.percent is None or share.interval is None:
        return DASH
    low, high = share.interval
    counts = _("%(count)s of %(of)s", count=share.count, of=share.of)
    return f"{counts}, {share.percent:.0f} % ({low:.0f}–{high:.0f} %)"


@blueprint.app_template_filter("rate_words")
def rate_words(rate: Rate) -> str:
    """``2.5 (1.7-3.4)`` in 28 days."""
    if rate.per_28_days is None or rate.interval is None:
        return DASH
    low, high = rate.interval
    return f"{rate.per_28_days:.1f} ({low:.1f}–{high:.1f})"


@blueprint.app_template_filter("minutes_words")
def minutes_words(minutes: float | None) -> str:
    return DASH if minutes is None else span_words(timedelta(minutes=round(minutes)))


@blueprint.app_template_filter("month_words")
def month_words(first_on: date) -> str:
    return str(format_date(first_on, MONTH, rebase=False))
