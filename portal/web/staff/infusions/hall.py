"""What the pages of infusions and visits share: the blueprint, its words, and the way back to a form."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, Length

from portal.domain.errors import Invalid
from portal.domain.infusions import PlanRule
from portal.extensions import db
from portal.web import errors

Words = Mapping[str, Any]
Problems = Mapping[str, str]
Again = Callable[[Problems], str]
STATES: Final[Words] = {
    "planned": _l("planned"),
    "confirmed": _l("confirmed"),
    "given": _l("given"),
    "held": _l("put off"),
    "missed": _l("missed"),
    "cancelled": _l("cancelled"),
    "attended": _l("attended"),
}
RULES: Final[Words] = {
    PlanRule.COUNT: _l("fewer infusions than the protocol plans"),
    PlanRule.FIRST_LATE: _l("the first treatment is not within the days after enrolment that the protocol allows"),
    PlanRule.SPACING: _l("too close to the infusion before"),
    PlanRule.TOO_MANY_A_WEEK: _l("more infusions in this week than the protocol plans"),
    PlanRule.WINDOW: _l("further from the first plan than the window allows"),
    PlanRule.HOLIDAY: _l("a holiday of the hospital"),
    PlanRule.OFF_PATTERN: _l("further from the proposed day than the window allows"),
}
MOMENTS: Final[Words] = {"before": _l("Before"), "during": _l("During"), "after": _l("After")}
MEASURES: Final[Words] = {
    "temperature": _l("Temperature, °C"),
    "pulse": _l("Pulse, per minute"),
    "systolic": _l("Blood pressure, upper, mmHg"),
    "diastolic": _l("Blood pressure, lower, mmHg"),
    "spo2": _l("Oxygen saturation, per cent"),
    "respiratory-rate": _l("Breaths, per minute"),
}
REASON: Final = InputRequired(_l("Please give the reason."))
LONG: Final = Length(max=1000, message=_l("At most 1,000 characters."))
ENTER_A_DAY: Final = _l("Enter a day, such as 2026-11-26.")
ENTER_A_TIME: Final = _l("Enter a time, such as 09:30.")
FORMS: Final[dict[str, Callable[..., str]]] = {}

blueprint = Blueprint("staff_infusions", __name__)


@blueprint.record_once
def _filters(state: Any) -> None:
    tables = {"infusion_state": STATES, "plan_rule": RULES, "moment": MOMENTS, "vital_sign": MEASURES}
    for name, table in tables.items():
        state.app.add_template_filter(lambda code, table=table: str(table.get(code, code)), f"{name}_words")
    state.app.add_template_filter(weekdays_words)
    state.app.add_template_filter(cells_words)


def weekdays_words(weekdays: tuple[int, ...]) -> str:
    """Monday and Thursday, from ISO numbers."""
    names = get_locale().days["stand-alone"]["wide"]
    return str(_(" and ")).join(names[day - 1] for day in weekdays)


def cells_words(cells: int) -> str:
    """62,500,000 (6.25 × 10⁷)."""
    digits, power = f"{cells:e}".split("e")
    raised = str(int(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{cells:,} ({float(digits):g} × 10{raised})"


def instant(on: date, at: time, timezone: str) -> datetime:
    """A wall-clock time at the participant's hospital, in UTC."""
    return datetime.combine(on, at, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def again(endpoint: str) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """The function shows the form of ``endpoint`` again, with what was typed; it is given the problems by field."""

    def note(page: Callable[..., str]) -> Callable[..., str]:
        FORMS[endpoint] = page
        return page

    return note


def mark(form: Any, problems: Problems, names: Problems | None = None) -> list[str]:
    """Put each problem at its field; those that belong to no field are returned. ``names``: the form's own names."""
    left = []
    for field, problem in problems.items():
        name = (names or {}).get(field, field)
        if name in form:
            form[name].errors = [_(problem)]
        else:
            left.append(_(problem))
    return left


def recorded(study_number: str) -> ResponseReturnValue:
    flash(_("Recorded."), "success")
    return redirect(url_for("staff_infusions.course", study_number=study_number))


@blueprint.errorhandler(Invalid)
def invalid(error: Invalid) -> ResponseReturnValue:
    """What the service found wrong, at its field, with what was typed; on a page without a form, that it cannot be."""
    db.session.rollback()
    page = FORMS.get(str(request.endpoint).rpartition(".")[2])
    if page is None:
        return errors.page(422)
    return page(problems=error.problems or {"": error.message or ""}, **(request.view_args or {})), 422
