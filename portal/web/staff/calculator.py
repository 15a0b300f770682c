"""The MAGIC calculator: stages and grade from findings typed, by the portal's own rules; nothing is kept."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from portal.domain.access import Permission
from portal.domain.magic import CITATION, BilirubinUnit, MagicAssessment, MagicFindings, assess_findings
from portal.domain.magic.assessment import LIMITS
from portal.web.forms import Form, NumberField, WholeNumberField, submits
from portal.web.guards import staff_view

ORGANS: Final[Mapping[str, Any]] = {
    "skin": _l("Skin"),
    "liver": _l("Liver"),
    "upper_gi": _l("Stomach (upper GI)"),
    "lower_gi": _l("Bowel (lower GI)"),
}
UNITS: Final = {"umol/L": "µmol/L", "mg/dL": "mg/dL"}

blueprint = Blueprint("staff_calculator", __name__)


def _number(label: Any, **options: Any) -> NumberField:
    return NumberField(label, [Optional()], **options)


class FindingsForm(Form):
    """Field names are those of ``domain.magic.MagicFindings``. An empty field is an organ that was not examined."""

    age = WholeNumberField(_l("Age in whole years"), [Optional()])
    weight_kg = _number(_l("Weight, kg"), description=_l("Decides on the scale under 18."))
    bsa = _number(_l("Active redness, per cent of the body surface"))
    bullae = BooleanField(_l("There are bullae"))
    desquamation = _number(_l("Desquamation, per cent of the body surface"))
    upper_gi = RadioField(
        _l("Nausea, vomiting or poor appetite"),
        [Optional()],
        choices=[
            SelectChoice("", _l("not assessed")),
            SelectChoice("no", _l("none, or now and then")),
            SelectChoice("yes", _l("persistent")),
        ],
        default="",
    )
    stool_ml = _number(_l("Measured loose stool, mL a day"))
    episodes = WholeNumberField(_l("Loose stools that were not measured, times a day"), [Optional()])
    severe_pain = BooleanField(_l("Severe abdominal pain, with or without ileus, as a physician judges"))
    gross_blood = BooleanField(_l("Grossly bloody stool, as a physician judges"))
    bilirubin = _number(_l("Total bilirubin"))
    bilirubin_unit = RadioField(
        _l("Unit of the bilirubin"),
        choices=[SelectChoice(code, words) for code, words in UNITS.items()],
        default="umol/L",
    )

    def findings(self) -> MagicFindings:
        """Raises Invalid, naming every field with a value that cannot be."""
        typed = {field.name: self[field.name].data for field in fields(MagicFindings)}
        typed["upper_gi"] = {"yes": True, "no": False}.get(typed["upper_gi"])
        typed["bilirubin_unit"] = BilirubinUnit(typed["bilirubin_unit"])
        return MagicFindings(**typed)

    def take(self, problems: Mapping[str, str], **_values: object) -> None:
        """Each number that cannot be, with its bounds."""
        for name in problems:
            low, high = LIMITS[name]
            self[name].errors = [_("Enter a number from %(low)s to %(high)s.", low=low, high=high)]


@blueprint.get("/staff/calculator")
@staff_view(Permission.STUDY_READ)
def show_calculator() -> str:
    return _page(FindingsForm(formdata=None))


def _page(form: FindingsForm, result: MagicAssessment | None = None) -> str:
    return render_template("staff/calculator/page.html", form=form, result=result, organs=ORGANS, citation=CITATION)


@blueprint.post("/staff/calculator")
@staff_view(Permission.STUDY_READ)
@submits(FindingsForm, again=_page)
def compute_grade(form: FindingsForm) -> ResponseReturnValue:
    """The answer on the same page, above the form as it was filled in. Nothing that was typed is in an address."""
    return _page(form, assess_findings(form.findings()))
