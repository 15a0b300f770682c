"""Vital signs around an infusion: what is measured, when, and between which bounds a value is believed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from portal.domain.msgid import N_

MOMENTS: Final = ("before", "during", "after")


@dataclass(frozen=True, slots=True)
class VitalSign:
    """Bounds are inclusive and only detect typing errors; they do not grade a value."""

    code: str
    unit: str
    low: Decimal
    high: Decimal
    decimals: int = 0

    def holds(self, value: Decimal) -> bool:
        """Whether it lies within the bounds and has no more decimals than are measured."""
        return self.low <= value <= self.high and value == round(value, self.decimals)


MEASURES: Final = (
    VitalSign("temperature", "Cel", Decimal("34.0"), Decimal("42.0"), decimals=1),
    VitalSign("pulse", "/min", Decimal(20), Decimal(250)),
    VitalSign("systolic", "mm[Hg]", Decimal(50), Decimal(260)),
    VitalSign("diastolic", "mm[Hg]", Decimal(20), Decimal(160)),
    VitalSign("spo2", "%", Decimal(50), Decimal(100)),
    VitalSign("respiratory-rate", "/min", Decimal(4), Decimal(70)),
)
VitalSigns = Mapping[str, Mapping[str, Decimal]]
"""Moment -> measure -> value; what was not measured is not there."""


def sign_problems(signs: VitalSigns) -> dict[str, str]:
    """By ``moment-measure`` what cannot be: a value out of bounds, or a diastolic pressure not below the systolic."""
    return dict(_problems(signs))


def _problems(signs: VitalSigns) -> Iterator[tuple[str, str]]:
    for moment, values in signs.items():
        for measure in MEASURES:
            value = values.get(measure.code)
            if value is not None and not measure.holds(value):
                yield f"{moment}-{measure.code}", N_("This value cannot be. Check it and its unit.")
        if values.get("diastolic", Decimal(0)) >= values.get("systolic", Decimal("Infinity")):
            yield f"{moment}-diastolic", N_("The lower blood pressure must be below the upper one.")
