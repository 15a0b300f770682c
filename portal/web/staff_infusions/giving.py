"""Recording an infusion as given: first the dose that the weight makes, then the record."""

from decimal import Decimal
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, RadioField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal import protocols
from portal.domain.access import Permission
from portal.domain.errors import NotFound
from portal.domain.infusions import MEASURES, MOMENTS, Signs, Step
from portal.extensions import Session, db
from portal.services import infusions
from portal.services.infusions import CourseSeen, Given, Reckoning
from portal.web import guards
from portal.web.guards import staff, writes
from portal.web.staff_infusions import hall
from portal.web.staff_infusions.hall import (
    ENTER_A_DAY,
    ENTER_A_TIME,
    LONG,
    Problems,
    again,
    blueprint,
    instant,
    mark,
    recorded,
)
from portal.web.staff_infusions.reading import version_of, wants

MILLION: Final = 1_000_000
NAMES: Final = {"cells": "cells_millions"}
NUMBER: Final = _l("Enter a number.")
GRADES: Final = (
    _l("No reaction"),
    _l("Grade 1, mild"),
    _l("Grade 2, moderate"),
    _l("Grade 3, severe"),
    _l("Grade 4, life-threatening"),
    _l("Grade 5, death"),
)


class GivenForm(FlaskForm):  # type: ignore[misc]
    """Names are those of ``services.infusions.Given`` where a field is one of its own."""

    weight_kg = DecimalField(_l("Weight today, kg"), [InputRequired(NUMBER)], places=None)
    started_on = DateField(_l("Day of the infusion"), [InputRequired(ENTER_A_DAY)])
    started_at = TimeField(_l("Begun at"), [InputRequired(ENTER_A_TIME)])
    ended_at = TimeField(_l("Ended at"), [InputRequired(ENTER_A_TIME)])
    lot = StringField(_l("Lot number"), [InputRequired(_l("Enter the lot number.")), Length(max=40)])
    cells_millions = DecimalField(_l("Cells given, in millions, as counted (optional)"), [Optional()], places=None)
    grade = RadioField(
        _l("Reaction (CTCAE grade)"),
        [InputRequired(_l("Choose one."))],
        choices=[SelectChoice(str(grade), words) for grade, words in enumerate(GRADES)],
    )
    reaction = TextAreaField(_l("What was the reaction?"), [LONG])
    deviation = TextAreaField(_l("Reason, where giving it at this time breaks a rule"), [LONG])

    def given(self, timezone: str) -> Given:
        cells = self.cells_millions.data
        return Given(
            weight_kg=self.weight_kg.data,
            started_at=instant(self.started_on.data, self.started_at.data, timezone),
            ended_at=instant(self.started_on.data, self.ended_at.data, timezone),
            lot=self.lot.data,
            cells=None if cells is None else int(cells * MILLION),
            signs=self.signs(),
            grade=int(self.grade.data),
            reaction=self.reaction.data or "",
            deviation=self.deviation.data or "",
        )

    def signs(self) -> Signs:
        measured = {moment: {one.code: self[f"{moment}-{one.code}"].data for one in MEASURES} for moment in MOMENTS}
        return {
            moment: {code: value for code, value in values.items() if value is not None}
            for moment, values in measured.items()
        }


for _moment in MOMENTS:
    for _one in MEASURES:
        setattr(
            GivenForm,
            f"{_moment}-{_one.code}",
            DecimalField(hall.MEASURES[_one.code], [Optional()], places=None),
        )


@blueprint.get("/staff/infusions/<int:infusion_id>/given")
@staff(Permission.INFUSIONS_ACT)
def given_form(infusion_id: int) -> str:
    """Nothing is filled in but the planned day."""
    seen = _givable(db.session, infusion_id)
    on = seen.infusion(infusion_id).at.astimezone(seen.zone).date()
    return _page(seen, infusion_id, GivenForm(formdata=None, started_on=on))


@blueprint.post("/staff/infusions/<int:infusion_id>/given")
@staff(Permission.INFUSIONS_ACT)
@writes
def given(session: Session, infusion_id: int) -> ResponseReturnValue:
    """Recorded only where the dose of this very weight was looked at before."""
    form, seen = GivenForm(), _givable(session, infusion_id)
    if not form.validate():
        return _page(seen, infusion_id, form), 422
    said = form.given(seen.timezone)
    if not (wants("record") and request.form.get("looked_at") == _looked_at(said)):
        return _page(seen, infusion_id, form, _reckon(infusion_id, said))
    infusions.mark_given(
        session,
        actor=guards.actor(),
        infusion_id=infusion_id,
        given=said,
        protocol=protocols.load(),
        now=guards.now(),
        version=version_of(),
    )
    return recorded(seen.study_number)


@again("given")
def _again(problems: Problems, infusion_id: int) -> str:
    form, seen = GivenForm(), _givable(db.session, infusion_id)
    mark(form, problems, NAMES)
    only_reason = set(problems) == {"deviation"}
    return _page(seen, infusion_id, form, _reckon(infusion_id, form.given(seen.timezone)) if only_reason else None)


def _reckon(infusion_id: int, said: Given) -> Reckoning:
    return infusions.reckon(
        db.session,
        actor=guards.actor(),
        infusion_id=infusion_id,
        given=said,
        protocol=protocols.load(),
        now=guards.now(),
    )


def _looked_at(said: Given) -> str:
    return f"{Decimal(said.weight_kg).normalize():f}|{said.started_at.isoformat()}"


def _givable(session: Session, infusion_id: int) -> CourseSeen:
    seen = infusions.course_around(session, actor=guards.actor(), infusion_id=infusion_id)
    if Step.GIVE not in seen.infusion(infusion_id).steps:
        raise NotFound
    return seen


def _page(seen: CourseSeen, infusion_id: int, form: GivenForm, reckoning: Reckoning | None = None) -> str:
    return render_template(
        "staff/infusions/given.html",
        seen=seen,
        infusion=seen.infusion(infusion_id),
        form=form,
        reckoning=reckoning,
        looked_at=_looked_at(form.given(seen.timezone)) if reckoning else "",
        cells_per_kg=protocols.load().infusions.cells_per_kg,
        moments=hall.MOMENTS,
        measures=hall.MEASURES,
    )
