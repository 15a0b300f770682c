"""What is said of an infusion that was given, and of a record of it that is corrected."""

from typing import ClassVar, Final

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.domain.infusions import MEASURES, MOMENTS, VitalSigns
from portal.services.infusions import GivenInfusion
from portal.web.forms import DayField, Form, NumberField, at_most, reason_field
from portal.web.staff.infusions import shared
from portal.web.staff.infusions.shared import ENTER_A_DAY, ENTER_A_TIME, LONGEST_TEXT, local_instant

MILLION: Final = 1_000_000
NUMBER: Final = _l("Enter a number.")
GRADES: Final = (
    _l("No reaction"),
    _l("Grade 1, mild"),
    _l("Grade 2, moderate"),
    _l("Grade 3, severe"),
    _l("Grade 4, life-threatening"),
    _l("Grade 5, death"),
)


class GivenForm(Form):
    """Names are those of ``services.infusions.GivenInfusion`` where a field is one of its own."""

    NAMES: ClassVar = {"cells": "cells_millions"}

    weight_kg = NumberField(_l("Weight today, kg"), [InputRequired(NUMBER)])
    started_on = DayField(_l("Day of the infusion"), [InputRequired(ENTER_A_DAY)])
    started_at = TimeField(_l("Begun at"), [InputRequired(ENTER_A_TIME)])
    ended_at = TimeField(_l("Ended at"), [InputRequired(ENTER_A_TIME)])
    lot = StringField(_l("Lot number"), [InputRequired(_l("Enter the lot number.")), Length(max=40)])
    cells_millions = NumberField(_l("Cells given, in millions, as counted (optional)"), [Optional()])
    grade = RadioField(
        _l("Reaction (CTCAE grade)"),
        [InputRequired(_l("Choose one."))],
        choices=[SelectChoice(str(grade), words) for grade, words in enumerate(GRADES)],
    )
    reaction = TextAreaField(_l("What was the reaction?"), [at_most(LONGEST_TEXT)])
    deviation = TextAreaField(_l("Reason, where giving it at this time breaks a rule"), [at_most(LONGEST_TEXT)])

    confirmed = BooleanField(_l("The weight is right, and in kilograms"))

    def given(self, timezone: str) -> GivenInfusion:
        cells = self.cells_millions.data
        return GivenInfusion(
            weight_kg=self.weight_kg.data,
            started_at=local_instant(self.started_on.data, self.started_at.data, timezone),
            ended_at=local_instant(self.started_on.data, self.ended_at.data, timezone),
            lot=self.lot.data,
            cells=None if cells is None else int(cells * MILLION),
            signs=self.signs(),
            grade=int(self.grade.data),
            reaction=self.reaction.data or "",
            deviation=self.deviation.data or "",
            confirmed=self.confirmed.data,
        )

    def signs(self) -> VitalSigns:
        measured = {moment: {one.code: self[f"{moment}-{one.code}"].data for one in MEASURES} for moment in MOMENTS}
        return {
            moment: {code: value for code, value in values.items() if value is not None}
            for moment, values in measured.items()
        }


class CorrectionForm(GivenForm):
    correction = reason_field(_l("Why is the record corrected?"), longest=LONGEST_TEXT)


for _moment in MOMENTS:
    for _one in MEASURES:
        setattr(
            GivenForm,
            f"{_moment}-{_one.code}",
            NumberField(shared.MEASURES[_one.code], [Optional()]),
        )
