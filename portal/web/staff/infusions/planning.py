"""The plan of the infusions: proposed for two weekdays, shown as a calendar, adjusted by hand, confirmed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import protocols
from portal.domain.access import Permission
from portal.domain.errors import Conflict, Invalid
from portal.domain.infusions import MONDAY_AND_THURSDAY, study_day
from portal.extensions import Session, db
from portal.services import infusions
from portal.services.infusions import PlanDraft
from portal.web import guards
from portal.web.forms import Form, submits
from portal.web.guards import staff_view, writes
from portal.web.staff.infusions import months
from portal.web.staff.infusions.reading import is_pressed
from portal.web.staff.infusions.shared import ENTER_A_DAY, ENTER_A_TIME, LONGEST_TEXT, blueprint, local_instant

Problems = Mapping[str, str]
Part = TypeVar("Part", date, time)
NONE: Final[Problems] = {}


class PlannedRow(NamedTuple):
    """One infusion of the plan: as typed, else as proposed; the rules that its day breaks."""

    number: int
    on: str
    at: str
    study_day: int | None
    broken: tuple[str, ...]
    problem: str | None


@blueprint.get("/staff/participants/<study_number>/plan")
@staff_view(Permission.INFUSIONS_ACT)
def show_plan_form(study_number: str) -> ResponseReturnValue:
    """``?weekdays=1-4`` proposes Mondays and Thursdays."""
    seen = infusions.get_infusion_plan(db.session, actor=guards.current_actor(), study_number=study_number)
    if seen.has_infusions and not seen.may_plan:
        return redirect(url_for(".show_plan_state", study_number=study_number))
    return _page(study_number, _draft(db.session, study_number, _weekdays(request.args.get("weekdays", ""))))


class PlanForm(Form):
    """As many days and times as the plan has infusions: they are read by their names, ``on_1`` and ``time_1``."""


def _again(form: PlanForm, study_number: str) -> str:
    """With the rules named where the days could be read."""
    weekdays = _weekdays(request.form.get("weekdays", ""))
    unreadable = any(field.startswith(("on_", "time_")) for field in form.problems)
    draft = _draft(db.session, study_number, weekdays)
    if draft is not None and not unreadable:
        draft = _draft(db.session, study_number, weekdays, _typed_times(draft))
    return _page(study_number, draft, form.problems)


@blueprint.post("/staff/participants/<study_number>/plan")
@staff_view(Permission.INFUSIONS_ACT)
@submits(PlanForm, again=_again)
@writes
def plan_infusions(session: Session, _form: PlanForm, study_number: str) -> ResponseReturnValue:
    """Checked again with every button; made with the one that says so."""
    weekdays = _weekdays(request.form.get("weekdays", ""))
    draft = _wanted(_draft(session, study_number, weekdays))
    times = _typed_times(draft)
    if not is_pressed("plan"):
        return _page(study_number, _draft(session, study_number, weekdays, times))
    _make(session, draft, weekdays, times)
    flash(_("The plan is made. Reminders follow it."), "success")
    return redirect(url_for(".show_plan_state", study_number=study_number))


def _make(session: Session, draft: PlanDraft, weekdays: tuple[int, ...], times: tuple[datetime, ...]) -> None:
    infusions.plan_infusions(
        session,
        actor=guards.current_actor(),
        participant_id=draft.participant_id,
        protocol=protocols.load_protocol(),
        now=guards.request_time(),
        weekdays=weekdays,
        times=times,
        reason=request.form.get("reason", "")[:LONGEST_TEXT],
    )


def _draft(
    session: Session, study_number: str, weekdays: Sequence[int], times: Sequence[datetime] | None = None
) -> PlanDraft | None:
    return infusions.draft_plan(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        protocol=protocols.load_protocol(),
        now=guards.request_time(),
        weekdays=weekdays,
        times=times,
    )


def _wanted(draft: PlanDraft | None) -> PlanDraft:
    if draft is None:
        raise Conflict
    return draft


def _weekdays(typed: str) -> tuple[int, ...]:
    chosen = tuple(int(day) for day in typed.split("-") if day.isdecimal() and len(day) == 1)
    return chosen or MONDAY_AND_THURSDAY


def _typed_times(draft: PlanDraft) -> tuple[datetime, ...]:
    """``Invalid`` by field where a day or a time cannot be read."""
    problems, times = {}, []
    for number in draft.numbers:
        on, at = _read(date, f"on_{number}"), _read(time, f"time_{number}")
        if on is None:
            problems[f"on_{number}"] = str(ENTER_A_DAY)
        if at is None:
            problems[f"time_{number}"] = str(ENTER_A_TIME)
        if on is not None and at is not None:
            times.append(local_instant(on, at, draft.timezone))
    if problems:
        raise Invalid(problems=problems)
    return tuple(times)


def _read(kind: type[Part], field: str) -> Part | None:
    try:
        return kind.fromisoformat(request.form.get(field, "").strip())
    except ValueError:
        return None


def _page(study_number: str, draft: PlanDraft | None, problems: Problems = NONE) -> str:
    if draft is None:
        return render_template("staff/infusions/no_plan.html", study_number=study_number)
    protocol = protocols.load_protocol()
    return render_template(
        "staff/infusions/plan.html",
        draft=draft,
        rows=_rows(draft, problems),
        months=months.planned_months(draft, protocol.clocks.holidays),
        rules=protocol.infusions,
        first_by=draft.enrolled_on + timedelta(days=protocol.eligibility.first_treatment_within_days),
        reason=request.form.get("reason", ""),
        reason_problem=problems.get("reason"),
        summary=[(_anchor(field), problem) for field, problem in problems.items()],
    )


def _anchor(field: str) -> str | None:
    """A problem of a whole appointment is mended at its day."""
    return field.replace("at_", "on_") or None


def _rows(draft: PlanDraft, problems: Problems) -> list[PlannedRow]:
    broken: dict[int, tuple[str, ...]] = {}
    for one in draft.broken:
        broken[one.number] = (*broken.get(one.number, ()), str(one.rule))
    return [
        _row(draft, number, at, broken.get(number, ()), problems)
        for number, at in zip(draft.numbers, draft.times, strict=True)
    ]


def _row(draft: PlanDraft, number: int, at: datetime, broken: tuple[str, ...], problems: Problems) -> PlannedRow:
    local = at.astimezone(ZoneInfo(draft.timezone))
    typed: Mapping[str, Any] = request.form
    found = [problems[f"{part}_{number}"] for part in ("on", "time", "at") if f"{part}_{number}" in problems]
    unread = any(field.startswith(("on_", "time_")) for field in problems)
    return PlannedRow(
        number=number,
        on=typed.get(f"on_{number}", local.date().isoformat()),
        at=typed.get(f"time_{number}", f"{local:%H:%M}"),
        study_day=None if unread else study_day(local.date(), draft.transplant_on),
        broken=() if unread else broken,
        problem=found[0] if found else None,
    )
