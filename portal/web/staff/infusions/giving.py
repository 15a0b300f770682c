"""Recording an infusion as given, and correcting that: first the dose that the weight makes, then the record."""

from decimal import Decimal
from typing import Any, Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal import protocols
from portal.domain.access import Permission
from portal.domain.errors import NotFound
from portal.domain.infusions import InfusionStep
from portal.extensions import Session, db
from portal.services import diary, infusions
from portal.services.infusions import GivenInfusion, InfusionPlanView, InfusionView, RecordingPreview
from portal.web import guards
from portal.web.forms import submits
from portal.web.guards import staff_view, writes
from portal.web.staff.infusions import shared
from portal.web.staff.infusions.given_forms import MILLION, CorrectionForm, GivenForm
from portal.web.staff.infusions.reading import is_pressed, read_version
from portal.web.staff.infusions.shared import blueprint, redirect_recorded

WHERE: Final = "/staff/infusions/<int:infusion_id>/<any(given, correct):act>"
STEPS: Final = {"given": InfusionStep.GIVE, "correct": InfusionStep.CORRECT}
FORM: Final[dict[str, type[GivenForm]]] = {"given": GivenForm, "correct": CorrectionForm}


@blueprint.get(WHERE)
@staff_view(Permission.INFUSIONS_ACT)
def show_given_form(infusion_id: int, act: str) -> str:
    """Nothing is filled in but the planned day; to correct, all that was recorded is."""
    seen = _standing(db.session, infusion_id, act)
    infusion = seen.infusion(infusion_id)
    known = _as_typed(infusion, seen) if act == "correct" else {"started_on": infusion.at.astimezone(seen.zone).date()}
    return _page(seen, infusion_id, act, FORM[act](formdata=None, data=known))


def _sent_form(act: str, **_where: int) -> GivenForm:
    return FORM[act]()


def _again(form: GivenForm, infusion_id: int, act: str) -> str:
    """With the dose, where all that is missing is the reason for a deviation, or a word about the weight."""
    seen = _standing(db.session, infusion_id, act)
    if not form.problems or not form.problems.keys() <= {"deviation", "confirmed"}:
        return _page(seen, infusion_id, act, form)
    return _page(seen, infusion_id, act, form, _reckon(infusion_id, act, form.given(seen.timezone)))


@blueprint.post(WHERE)
@staff_view(Permission.INFUSIONS_ACT)
@submits(_sent_form, again=_again)
@writes
def record_infusion(session: Session, form: GivenForm, infusion_id: int, act: str) -> ResponseReturnValue:
    """Recorded only where the dose of this very weight was looked at before."""
    seen = _standing(session, infusion_id, act)
    said = form.given(seen.timezone)
    if not (is_pressed("record") and request.form.get("looked_at") == _looked_at(said)):
        return _page(seen, infusion_id, act, form, _reckon(infusion_id, act, said))
    correction = form.correction.data if isinstance(form, CorrectionForm) else None
    _record(session, infusion_id, said, correction)
    return redirect_recorded(seen.study_number)


def _record(session: Session, infusion_id: int, said: GivenInfusion, correction: str | None) -> None:
    diary.record_given_infusion(
        session,
        actor=guards.current_actor(),
        infusion_id=infusion_id,
        given=said,
        protocol=protocols.load_protocol(),
        now=guards.request_time(),
        version=read_version(),
        correction=correction,
    )


def _reckon(infusion_id: int, act: str, said: GivenInfusion) -> RecordingPreview:
    return infusions.preview_recording(
        db.session,
        actor=guards.current_actor(),
        infusion_id=infusion_id,
        given=said,
        protocol=protocols.load_protocol(),
        now=guards.request_time(),
        step=STEPS[act],
    )


def _looked_at(said: GivenInfusion) -> str:
    return f"{Decimal(said.weight_kg).normalize():f}|{said.started_at.isoformat()}"


def _standing(session: Session, infusion_id: int, act: str) -> InfusionPlanView:
    seen = infusions.get_plan_of_infusion(session, actor=guards.current_actor(), infusion_id=infusion_id)
    if STEPS[act] not in seen.infusion(infusion_id).steps:
        raise NotFound
    return seen


def _as_typed(infusion: InfusionView, seen: InfusionPlanView) -> dict[str, Any]:
    """The record as its form has it."""
    began, ended = infusion.at.astimezone(seen.zone), infusion.ended_at
    cells = infusion.cells_given
    return {
        "weight_kg": infusion.weight_kg,
        "started_on": began.date(),
        "started_at": began.time(),
        "ended_at": ended.astimezone(seen.zone).time() if ended else None,
        "lot": infusion.lot,
        "cells_millions": None if cells is None else Decimal(cells) / MILLION,
        "grade": str(infusion.grade),
        "reaction": infusion.reaction,
    } | {f"{moment}-{code}": value for moment, values in infusion.signs.items() for code, value in values.items()}


def _page(
    seen: InfusionPlanView, infusion_id: int, act: str, form: GivenForm, reckoning: RecordingPreview | None = None
) -> str:
    return render_template(
        "staff/infusions/given.html",
        seen=seen,
        infusion=seen.infusion(infusion_id),
        act=act,
        form=form,
        reckoning=reckoning,
        looked_at=_looked_at(form.given(seen.timezone)) if reckoning else "",
        cells_per_kg=protocols.load_protocol().infusions.cells_per_kg,
        moments=shared.MOMENTS,
        measures=shared.MEASURES,
    )
