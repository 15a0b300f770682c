"""Stages every organ and grades the whole from a clinician's findings, which, unlike a diary, can give stage 4."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext

from portal.domain.errors import Invalid
from portal.domain.magic.stages import (
    BilirubinUnit,
    Grade,
    at_least,
    liver_near_boundary,
    liver_stage,
    lower_gi_near_boundary,
    lower_gi_stage,
    overall_grade,
    skin_near_boundary,
    skin_stage,
    upper_gi_stage,
)
from portal.domain.scales import (
    MAGIC_COUNTING,
    LooseStool,
    StoolCounting,
    StoolScale,
    StoolVolume,
    possible_scales,
    stool_volume,
    total_ml,
)

# Enough digits that no sum or quotient of what people type is rounded before it is compared.
EXACT_DIGITS = 200

LIMITS = {
    "age": (0, 120),
    "bsa": (0, 100),
    "desquamation": (0, 100),
    "bilirubin": (0, 2000),
    "stool_ml": (0, 100_000),
    "episodes": (0, 100),
    "weight_kg": (0, 500),
}


@dataclass(frozen=True, slots=True)
class MagicFindings:
    """What was examined; None is "not given". ``stool_ml`` is measured, ``episodes`` are unmeasured ones on top of it.

    Per cent are of the body surface. Building one with a value outside ``LIMITS`` raises Invalid, naming every field.
    """

    age: int | None = None
    weight_kg: Decimal | None = None
    bsa: Decimal | None = None
    bullae: bool = False
    desquamation: Decimal | None = None
    bilirubin: Decimal | None = None
    bilirubin_unit: BilirubinUnit = BilirubinUnit.MG_DL
    upper_gi: bool | None = None
    stool_ml: Decimal | None = None
    episodes: int | None = None
    severe_pain: bool = False
    gross_blood: bool = False

    def __post_init__(self) -> None:
        problems = {name: f"must be {low} to {high}" for name, (low, high) in LIMITS.items() if not self._within(name)}
        if self.weight_kg == 0:
            problems["weight_kg"] = "must be more than 0"
        if problems:
            raise Invalid(problems=problems)

    def _within(self, name: str) -> bool:
        value = getattr(self, name)
        low, high = LIMITS[name]
        return value is None or (Decimal(value).is_finite() and low <= value <= high)


@dataclass(frozen=True, slots=True)
class MagicAssessment:
    """Stages 0-4, None when not given. ``scale_assumed``: a minor's weight is unknown and the worse scale was used."""

    skin: int | None
    liver: int | None
    upper_gi: int | None
    lower_gi: int | None
    grade: Grade | None
    at_least: Grade
    stool_ml_total: Decimal | None
    scale: StoolScale
    scale_assumed: bool
    near_boundary: tuple[str, ...]


def assess_findings(findings: MagicFindings, *, counting: StoolCounting = MAGIC_COUNTING) -> MagicAssessment:
    """Stage every organ that was examined and grade the whole, exact at every edge of the MAGIC table."""
    with localcontext(prec=EXACT_DIGITS):
        scale, total, stool = _stool(findings, counting)
        skin, liver, lower_gi = _skin(findings), _liver(findings), _lower_gi(findings, stool)
        upper_gi = None if findings.upper_gi is None else upper_gi_stage(persistent=findings.upper_gi)
        return MagicAssessment(
            skin=skin,
            liver=liver,
            upper_gi=upper_gi,
            lower_gi=lower_gi,
            grade=overall_grade(skin=skin, liver=liver, upper_gi=upper_gi, lower_gi=lower_gi),
            at_least=at_least(skin=skin, liver=liver, upper_gi=upper_gi, lower_gi=lower_gi),
            stool_ml_total=total,
            scale=scale,
            scale_assumed=len(possible_scales(findings.age, findings.weight_kg, counting)) > 1,
            near_boundary=tuple(_near_boundary(findings, stool, lower_gi)),
        )


def _stool(findings: MagicFindings, counting: StoolCounting) -> tuple[StoolScale, Decimal | None, StoolVolume | None]:
    """The scale whose stage is the worse, the total in mL, and the day on that scale."""
    possible = possible_scales(findings.age, findings.weight_kg, counting)
    if findings.stool_ml is None and findings.episodes is None:
        return possible[0], None, None
    episodes = findings.episodes or 0
    stool = LooseStool(findings.stool_ml or Decimal(0), episodes, episodes)
    worst = max((stool_volume(stool, scale, findings.weight_kg, counting) for scale in possible), key=lower_gi_stage)
    in_ml = worst.scale if findings.weight_kg is not None else StoolScale.ADULT
    return worst.scale, total_ml(stool, in_ml, findings.weight_kg, counting), worst


def _skin(findings: MagicFindings) -> int | None:
    if findings.bsa is None:
        return None
    peeling = findings.desquamation or Decimal(0)
    return skin_stage(findings.bsa, bullae=findings.bullae, desquamation_percent=peeling)


def _liver(findings: MagicFindings) -> int | None:
    return None if findings.bilirubin is None else liver_stage(findings.bilirubin, findings.bilirubin_unit)


def _lower_gi(findings: MagicFindings, stool: StoolVolume | None) -> int | None:
    if findings.severe_pain or findings.gross_blood:
        return 4
    return None if stool is None else lower_gi_stage(stool)


def _near_boundary(findings: MagicFindings, stool: StoolVolume | None, lower_gi: int | None) -> Iterator[str]:
    peeling = findings.desquamation or Decimal(0)
    if findings.bsa is not None and skin_near_boundary(
        findings.bsa, bullae=findings.bullae, desquamation_percent=peeling
    ):
        yield "skin"
    if findings.bilirubin is not None and liver_near_boundary(findings.bilirubin, findings.bilirubin_unit):
        yield "liver"
    if stool is not None and lower_gi != 4 and lower_gi_near_boundary(stool):
        yield "lower_gi"
