"""What the pages of infusions and visits share: the blueprint and its words."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain import local_time
from portal.domain.infusions import PlanRule

Words = Mapping[str, Any]
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
    PlanRule.CELLS: _l("the cells as counted are further from the dose than the protocol tolerates"),
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
LONGEST_TEXT: Final = 1000
ENTER_A_DAY: Final = _l("Enter a day, such as 2026-11-26.")
ENTER_A_TIME: Final = _l("Enter a time, such as 09:30.")

blueprint = Blueprint("staff_infusions", __name__)


@blueprint.record_once
def _filters(state: Any) -> None:
    tables = {"infusion_state": STATES, "plan_rule": RULES, "moment": MOMENTS, "vital_sign": MEASURES}
    for name, table in tables.items():
        state.app.add_template_filter(lambda code, table=table: str(table.get(code, code)), f"{name}_label")
    state.app.add_template_filter(weekdays_label)
    state.app.add_template_filter(cells_label)


def weekdays_label(weekdays: tuple[int, ...]) -> str:
    """Monday and Thursday, from ISO numbers."""
    names = get_locale().days["stand-alone"]["wide"]
    return str(_(" and ")).join(names[day - 1] for day in weekdays)


def cells_label(cells: int) -> str:
    """62,500,000 (6.25 × 10⁷)."""
    digits, power = f"{cells:e}".split("e")
    raised = str(int(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{cells:,} ({float(digits):g} × 10{raised})"


def local_instant(on: date, at: time, timezone: str) -> datetime:
    """The UTC instant of a local time at the participant's hospital."""
    return local_time.local_instant(on, at, ZoneInfo(timezone))


def redirect_recorded(study_number: str) -> ResponseReturnValue:
    flash(_("Recorded."), "success")
    return redirect(url_for("staff_infusions.show_plan_state", study_number=study_number))
