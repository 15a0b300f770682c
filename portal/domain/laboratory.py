"""What is measured, in which units, under which LOINC code, and which values are asked about before they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.alert_rules.kinds import Evidence, format_decimal
from portal.domain.errors import Invalid
from portal.domain.magic import BilirubinUnit, liver_near_boundary, liver_stage
from portal.domain.msgid import N_
from portal.domain.weights import is_far_off

PLACES: Final = 2


class LabKind(StrEnum):
    BILIRUBIN = "bilirubin"
    TEMPERATURE = "temperature"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True)
class LabMeasure:
    """``code`` is LOINC, ``unit`` UCUM. Outside ``low`` to ``high`` a value is refused, outside the usual asked."""

    kind: LabKind
    unit: str
    code: str
    low: Decimal
    high: Decimal
    usual_low: Decimal
    usual_high: Decimal
    asks_high: str

    @property
    def name(self) -> str:
        """``bilirubin:umol/L``."""
        return f"{self.kind}:{self.unit}"


TOO_HIGH = N_("%(value)s %(unit)s is unusually high. Is it right?")
TOO_LOW = N_("%(value)s %(unit)s is unusually low. Is it right?")
IN_UMOL = N_("%(value)s mg/dL is very high. Is the unit perhaps umol/L?")
IN_MG = N_("%(value)s umol/L is very low. Is the unit perhaps mg/dL?")
CHANGED = N_("%(value)s kg is more than a tenth away from %(last)s kg. Is it right?")
IN_JIN = N_("%(last)s kg last time. Is it %(value)s kilograms? %(value)s jin are %(half)s kg.")


def _measure(kind: LabKind, unit: str, code: str, bounds: str, asks_high: str = TOO_HIGH) -> LabMeasure:
    low, usual_low, usual_high, high = map(Decimal, bounds.split())
    return LabMeasure(kind, unit, code, low, high, usual_low, usual_high, asks_high)


# Bounds: refused below, asked about below, asked about above, refused above.
_ALL = (
    _measure(LabKind.BILIRUBIN, "mg/dL", "1975-2", "0.05 0.1 15 100", IN_UMOL),
    _measure(LabKind.BILIRUBIN, "umol/L", "14631-6", "0.5 3 600 1700"),
    _measure(LabKind.TEMPERATURE, "Cel", "8310-5", "25 35 41 45"),
    _measure(LabKind.WEIGHT, "kg", "29463-7", "3 20 200 400"),
)
MEASURES: Final[Mapping[str, LabMeasure]] = MappingProxyType({measure.name: measure for measure in _ALL})


def check_value(measure: LabMeasure, value: Decimal) -> None:
    """Invalid: not a number that this can be, or with more than two decimal places."""
    exponent = value.as_tuple().exponent if value.is_finite() else None
    if not isinstance(exponent, int) or exponent < -PLACES:
        raise Invalid(problems={"value": N_("Enter a number with at most two decimal places.")})
    if not measure.low <= value <= measure.high:
        raise Invalid(problems={"value": N_("This cannot be. Check the number and the unit.")})


def plausibility_question(measure: LabMeasure, value: Decimal, *, last: Decimal | None = None) -> Evidence | None:
    """What is asked before an unlikely value is kept; None for a likely one. ``last``: the weight before, in kg."""
    params = {"value": format_decimal(value), "unit": measure.unit}
    if value > measure.usual_high:
        return Evidence(measure.asks_high, params)
    if value < measure.usual_low:
        return Evidence(IN_MG if measure.unit == BilirubinUnit.UMOL_L else TOO_LOW, params)
    return weight_question(value, last) if measure.kind is LabKind.WEIGHT and last is not None else None


def weight_question(value: Decimal, last: Decimal) -> Evidence | None:
    """What is asked wherever a weight is typed that is more than a tenth away from the last one, in kg."""
    if not is_far_off(value, last):
        return None
    params = {"value": format_decimal(value), "last": format_decimal(last)}
    if is_far_off(value / 2, last):
        return Evidence(CHANGED, params)
    return Evidence(IN_JIN, {**params, "half": format_decimal(value / 2)})


@dataclass(frozen=True, slots=True)
class LiverStage:
    """The MAGIC stage of a bilirubin. ``near_boundary``: another way of rounding gives another stage."""

    stage: int
    near_boundary: bool


def liver_stage_of(value: Decimal, unit: str) -> LiverStage:
    known = BilirubinUnit(unit)
    return LiverStage(liver_stage(value, known), liver_near_boundary(value, known))
