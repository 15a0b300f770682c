"""The participant's own pages: today, the record, about the study. Settings hang beneath."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from flask import Blueprint, render_template, request
from flask_login import current_user

from portal import protocols
from portal.domain.access import ActorKind
from portal.domain.alert_rules import Severity
from portal.domain.diary import diary_window, first_due_day, last_due_day, local_day
from portal.domain.triage import EpisodeState
from portal.extensions import db
from portal.services import diary, diary_questions, infusions, photos, triage
from portal.web import guards, locale
from portal.web.guards import participant_view
from portal.web.participant import own_data, red_answers, settings, trends, withdrawal
from portal.web.participant.appointments import build_item

PAGE: Final = 30
SHOWN_AFTER_CLOSING: Final = timedelta(days=2)

blueprint = Blueprint("patient", __name__)
blueprint.register_blueprint(settings.blueprint)
blueprint.register_blueprint(withdrawal.blueprint)
blueprint.register_blueprint(own_data.blueprint)


@dataclass(frozen=True, slots=True)
class RecordDay:
    """One day of the record: its reports, newest first; with none it was missed, or is still ``open``."""

    on: date
    study_day: int
    rows: tuple[diary.DiaryRow, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class TodayNotice:
    """What has become of the reports: the worst that is open or was closed lately; ``seen_at`` once all were seen.

    ``acknowledge_by_at``: None where that time is over.
    """

    severity: str
    acknowledge_by_at: datetime | None
    seen_at: datetime | None
    seen_today: bool


@blueprint.get("/today")
@participant_view
def show_today() -> str:
    actor, at = guards.current_actor(), guards.request_time()
    ahead = infusions.get_appointment_outlook(db.session, actor=actor, now=at)
    return render_template(
        "participant/today.html",
        **_what_became(triage.list_latest_episodes(db.session, actor=actor, now=at)),
        state=diary.get_today_status(db.session, actor=actor, now=at),
        appointment=ahead.next,
        news=[build_item(entry) for entry in ahead.news],
        late_until=protocols.load_protocol().diary.late_until,
        queries=diary_questions.list_unanswered_questions(db.session, actor=actor),
    )


def _what_became(episodes: tuple[triage.EpisodeView, ...]) -> dict[str, object]:
    """The card "call now", else what has become of the reports."""
    return {"call": red_answers.find_call_now(), "notice": _notice(episodes)}


def _notice(episodes: tuple[triage.EpisodeView, ...]) -> TodayNotice | None:
    """Unseen before seen, red before amber."""
    at = guards.request_time()
    live = [one for one in episodes if one.state != EpisodeState.CLOSED or at - one.last_flag_at < SHOWN_AFTER_CLOSING]
    unseen = [one for one in live if one.state == EpisodeState.NEW or one.seen_at is None]
    chosen = unseen or live
    if not chosen:
        return None
    seen_at = None if unseen else max(one.seen_at for one in live if one.seen_at)
    zone = current_user.person.timezone
    return TodayNotice(
        severity=max((one.severity for one in chosen), key=lambda severity: Severity(severity).rank),
        acknowledge_by_at=min((one.acknowledge_by_at for one in chosen if one.acknowledge_by_at), default=None),
        seen_at=seen_at,
        seen_today=seen_at is not None and local_day(seen_at, zone) == local_day(at, zone),
    )


@blueprint.get("/record")
@participant_view
def show_record() -> str:
    before = _before(request.args.get("before", ""))
    rows = diary.list_diaries(db.session, actor=guards.current_actor(), before=before, limit=PAGE + 1)
    shown, more = rows[:PAGE], len(rows) > PAGE
    following = f"{shown[-1].diary_on}.{shown[-1].id}" if more else None
    days = _days(shown, newest=before[0] - timedelta(days=1) if before else None, more=more)
    return render_template("participant/record.html", days=days, following=following, is_first=before is None)


def _before(text: str) -> tuple[date, int] | None:
    """``2026-11-23.17`` -> the day and id after which the page begins; anything else is the first page."""
    day, _dot, number = text.partition(".")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def _days(rows: tuple[diary.DiaryRow, ...], *, newest: date | None, more: bool) -> list[RecordDay]:
    """Every day that had a diary to fill in, with its reports, newest first and without gaps."""
    person, plan, at = current_user.person, protocols.load_protocol().diary, guards.request_time()
    first = first_due_day(plan, transplant_on=person.transplant_on, enrolled_on=person.enrolled_on)
    last = min(last_due_day(plan, transplant_on=person.transplant_on), newest or local_day(at, person.timezone))
    by_day: dict[date, list[diary.DiaryRow]] = {}
    for row in rows:
        by_day.setdefault(row.diary_on, []).append(row)
    oldest = min(by_day) if more else min([first, *by_day])
    span = range((max([last, *by_day]) - oldest).days, -1, -1)
    return [
        RecordDay(
            on=day,
            study_day=(day - person.transplant_on).days,
            rows=tuple(by_day.get(day, ())),
            open=at < diary_window(day, plan, person.timezone).late_until_at,
        )
        for day in (oldest + timedelta(days=offset) for offset in span)
        if day in by_day or first <= day <= last
    ]


@blueprint.get("/record/charts")
@participant_view
def show_charts() -> str:
    """Each symptom over the whole follow-up, drawn and as a table, with the days of infusions."""
    found = diary.get_trends(db.session, actor=guards.current_actor())
    drawn, quiet = trends.build_charts(found)
    return render_template("participant/charts.html", charts=drawn, quiet=quiet, infusions=bool(found.infusion_days))


@blueprint.get("/record/<int:diary_id>")
@participant_view
def show_report(diary_id: int) -> str:
    actor = guards.current_actor()
    page = diary.read_diary(db.session, actor=actor, diary_id=diary_id, language=locale.current_language())
    return render_template(
        "participant/record_day.html",
        page=page,
        queries=diary_questions.list_report_questions(db.session, actor=actor, diary_id=diary_id),
        photographs=photos.count_photos(db.session, actor=actor, diary_on=page.row.diary_on),
        may_correct=diary.may_correct(db.session, actor=actor, diary_id=diary_id, now=guards.request_time()),
    )


@blueprint.get("/study")
@guards.public_view
def show_study() -> str:
    """The registry entry in plain words. Readable before activation, too."""
    signed_in = getattr(current_user, "person", None) is not None and current_user.person.kind == ActorKind.ACCOUNT
    layout = "participant/layout.html" if signed_in else "base.html"
    return render_template("participant/study.html", protocol=protocols.load_protocol(), layout=layout)
