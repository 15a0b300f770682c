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
from portal.services import infusions
from portal.services.infusions import CourseSeen, Given, InfusionSeen, Reckoning
from portal.web import guards
from portal.web.guards import staff, writes
from portal.web.staff.infusions import hall
from portal.web.staff.infusions.given_forms import MILLION, CorrectionForm, GivenForm
from portal.web.staff.infusions.hall import Problems, again, blueprint, mark, recorded
from portal.web.staff.infusions.reading import version_of, wants

WHERE: Final = "/staff/infusions/<int:infusion_id>/<any(given, correct):act>"
STEPS: Final = {"given": InfusionStep.GIVE, "correct": InfusionStep.CORRECT}
NAMES: Final = {"cells": "cells_millions"}
FORM: Final[dict[str, type[GivenForm]]] = {"given": GivenForm, "correct": CorrectionForm}


@blueprint.get(WHERE)
@staff(Permission.INFUSIONS_ACT)
def given_form(infusion_id: int, act: str) -> str:
    """Nothing is filled in but the planned day; to correct, all that was recorded is."""
    seen = _standing(db.session, infusion_id, act)
    infusion = seen.infusion(infusion_id)
    known = _as_typed(infusion, seen) if act == "correct" else {"started_on": infusion.at.astimezone(seen.zone).date()}
    return _page(seen, infusion_id, act, FORM[act](formdata=None, data=known))


@blueprint.post(WHERE)
@staff(Permission.INFUSIONS_ACT)
@writes
def given(session: Session, infusion_id: int, act: str) -> ResponseReturnValue:
    """Recorded only where the dose of this very weight was looked at before."""
    form, seen = FORM[act](), _standing(session, infusion_id, act)
    if not form.validate():
        return _page(seen, infusion_id, act, form), 422
    said = form.given(seen.timezone)
    if not (wants("record") and request.form.get("looked_at") == _looked_at(said)):
        return _page(seen, infusion_id, act, form, _reckon(infusion_id, act, said))
    infusions.mark_given(
        session,
        actor=guards.actor(),
        infusion_id=infusion_id,
        given=said,
        protocol=protocols.load(),
        now=guards.now(),
        version=version_of(),
        correction=form.correction.data if act == "correct" else None,
    )
    return recorded(seen.study_number)


@again("given")
def _again(problems: Problems, infusion_id: int, act: str) -> str:
    form, seen = FORM[act](), _standing(db.session, infusion_id, act)
    mark(form, problems, NAMES)
    reckoning = _reckon(infusion_id, act, form.given(seen.timezone)) if set(problems) == {"deviation"} else None
    return _page(seen, infusion_id, act, form, reckoning)


def _reckon(infusion_id: int, act: str, said: Given) -> Reckoning:
    return infusions.reckon(
        db.session,
        actor=guards.actor(),
        infusion_id=infusion_id,
        given=said,
        protocol=protocols.load(),
        now=guards.now(),
        step=STEPS[act],
    )


def _looked_at(said: Given) -> str:
    return f"{Decimal(said.weight_kg).normalize():f}|{said.started_at.isoformat()}"


def _standing(session: Session, infusion_id: int, act: str) -> CourseSeen:
    seen = infusions.course_around(session, actor=guards.actor(), infusion_id=infusion_id)
    if STEPS[act] not in seen.infusion(infusion_id).steps:
        raise NotFound
    return seen


def _as_typed(infusion: InfusionSeen, seen: CourseSeen) -> dict[str, Any]:
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


def _page(seen: CourseSeen, infusion_id: int, act: str, form: GivenForm, reckoning: Reckoning | None = None) -> str:
    return render_template(
        "staff/infusions/given.html",
        seen=seen,
        infusion=seen.infusion(infusion_id),
        act=act,
        form=form,
        reckoning=reckoning,
        looked_at=_looked_at(form.given(seen.timezone)) if reckoning else "",
        cells_per_kg=protocols.load().infusions.cells_per_kg,
        moments=hall.MOMENTS,
        measures=hall.MEASURES,
    )
