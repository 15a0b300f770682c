"""The staging table of MAGIC as literal edges, and the overall grade, tried from the highest down.

Source: Harris AC et al., Biol Blood Marrow Transplant 2016;22:4-10; NCI PDQ, table 4. Values are continuous and are
compared unrounded. A stage "depends on the rounding convention" when rounding as the table prints moves it: that is
what the ``*_near_boundary`` functions say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from portal.domain.scales import StoolScale, StoolVolume

CITATION = "Harris AC et al., Biol Blood Marrow Transplant 2016;22:4-10"
UMOL_PER_MG = Decimal("17.1")


class BilirubinUnit(StrEnum):
    MG_DL = "mg/dL"
    UMOL_L = "umol/L"


class Grade(StrEnum):
    """The overall grade, written as in the literature; ``rank`` orders it."""

    NONE = "0"
    I = "I"  # noqa: E741
    II = "II"
    III = "III"
    IV = "IV"

    @property
    def rank(self) -> int:
        return list(Grade).index(self)


@dataclass(frozen=True, slots=True)
class StageEdge:
    """The stage begins at this value, or just above it when ``above``."""

    stage: int
    value: Decimal
    above: bool = False

    def is_reached(self, value: Decimal, unit: Decimal = Decimal(1)) -> bool:
        edge = self.value * unit
        return value > edge if self.above else value >= edge


SKIN_PERCENT = (StageEdge(1, Decimal(0), above=True), StageEdge(2, Decimal(25)), StageEdge(3, Decimal(50), above=True))
SKIN_DESQUAMATION_ABOVE_PERCENT = Decimal(5)
LIVER_MG_DL = (
    StageEdge(1, Decimal(2)),
    StageEdge(2, Decimal(3), above=True),
    StageEdge(3, Decimal(6), above=True),
    StageEdge(4, Decimal(15), above=True),
)
# The same bands as SI tables print them in whole umol/L: 34-50, 51-102, 103-255, above 255.
LIVER_UMOL_PRINTED = (
    StageEdge(1, Decimal(34)),
    StageEdge(2, Decimal(51)),
    StageEdge(3, Decimal(103)),
    StageEdge(4, Decimal(255), above=True),
)
LOWER_GI: Mapping[StoolScale, tuple[StageEdge, ...]] = {
    StoolScale.ADULT: (
        StageEdge(1, Decimal(500)),
        StageEdge(2, Decimal(1000)),
        StageEdge(3, Decimal(1500), above=True),
    ),
    StoolScale.CHILD: (StageEdge(1, Decimal(10)), StageEdge(2, Decimal(20)), StageEdge(3, Decimal(30), above=True)),
}
WHOLE, TENTH = Decimal(1), Decimal("0.1")
LOWER_GI_PRINTED: Mapping[StoolScale, Decimal] = {StoolScale.ADULT: WHOLE, StoolScale.CHILD: TENTH}


def _stage(value: Decimal, edges: Sequence[StageEdge], unit: Decimal = Decimal(1)) -> int:
    return max((edge.stage for edge in edges if edge.is_reached(value, unit)), default=0)


def _printed(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, ROUND_HALF_UP)


def skin_stage(percent: Decimal, *, bullae: bool = False, desquamation_percent: Decimal = Decimal(0)) -> int:
    """0-4 from active erythema in per cent of the body; 4 needs more than 50 %, bullae and more than 5 % peeling."""
    stage = _stage(percent, SKIN_PERCENT)
    return 4 if stage == 3 and bullae and desquamation_percent > SKIN_DESQUAMATION_ABOVE_PERCENT else stage


def skin_near_boundary(percent: Decimal, *, bullae: bool = False, desquamation_percent: Decimal = Decimal(0)) -> bool:
    """Whether rounding to a whole per cent moves the stage."""
    exact = skin_stage(percent, bullae=bullae, desquamation_percent=desquamation_percent)
    peeling = _printed(desquamation_percent, WHOLE)
    return skin_stage(_printed(percent, WHOLE), bullae=bullae, desquamation_percent=peeling) != exact


def liver_stage(bilirubin: Decimal, unit: BilirubinUnit = BilirubinUnit.MG_DL) -> int:
    """0-4 from total bilirubin; umol/L are divided by 17.1 first (exactly: the edges are multiplied instead)."""
    return _stage(bilirubin, LIVER_MG_DL, UMOL_PER_MG if unit is BilirubinUnit.UMOL_L else Decimal(1))


def liver_near_boundary(bilirubin: Decimal, unit: BilirubinUnit = BilirubinUnit.MG_DL) -> bool:
    """Whether rounding to 0.1 mg/dL, or for umol/L the printed SI table, gives another stage."""
    exact = liver_stage(bilirubin, unit)
    if unit is BilirubinUnit.MG_DL:
        return _stage(_printed(bilirubin, TENTH), LIVER_MG_DL) != exact
    rounded = _stage(_printed(bilirubin / UMOL_PER_MG, TENTH), LIVER_MG_DL)
    return {rounded, _stage(bilirubin, LIVER_UMOL_PRINTED)} != {exact}


def upper_gi_stage(*, persistent: bool) -> int:
    """1 when nausea, vomiting or anorexia is persistent, else 0: there is no higher stage."""
    return int(persistent)


def lower_gi_stage(volume: StoolVolume, *, severe_pain: bool = False, gross_blood: bool = False) -> int:
    """0-4 from the day's loose stool; severe pain or grossly bloody stool, as a physician judges, is 4."""
    return 4 if severe_pain or gross_blood else _stage(volume.amount, LOWER_GI[volume.scale])


def lower_gi_near_boundary(volume: StoolVolume) -> bool:
    """Whether rounding to a whole mL (child scale: 0.1 mL/kg) moves the stage."""
    printed = _printed(volume.amount, LOWER_GI_PRINTED[volume.scale])
    return lower_gi_stage(StoolVolume(volume.scale, printed)) != lower_gi_stage(volume)


def at_least(*, skin: int | None, liver: int | None, upper_gi: int | None, lower_gi: int | None) -> Grade:
    """The grade that the known organs already make, from the highest down; the missing ones can only raise it."""
    skin, liver, upper_gi, lower_gi = (stage or 0 for stage in (skin, liver, upper_gi, lower_gi))
    if 4 in (skin, liver, lower_gi):
        return Grade.IV
    if liver >= 2 or lower_gi >= 2:
        return Grade.III
    if skin == 3 or liver or upper_gi or lower_gi:
        return Grade.II
    return Grade.I if skin else Grade.NONE


def overall_grade(*, skin: int | None, liver: int | None, upper_gi: int | None, lower_gi: int | None) -> Grade | None:
    """The grade of four assessed organs; None while one is missing, because not assessed is never 0."""
    if None in (skin, liver, upper_gi, lower_gi):
        return None
    return at_least(skin=skin, liver=liver, upper_gi=upper_gi, lower_gi=lower_gi)
