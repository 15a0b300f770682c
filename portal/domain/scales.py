"""How loose stool is counted, and on which scale (MAGIC guidance, Blood 2015;126:3154; NCI PDQ, table 4, footnotes).

Only liquid or mostly liquid stool counts (Bristol 6-7). The total is what was measured and a fixed volume for each
episode that was not; this reproduces every episode band of the staging table, so that the total alone decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.domain.protocol import Thresholds
from portal.domain.reports import Answers, answer_decimal, answer_number


class StoolScale(StrEnum):
    """The adult scale is in mL a day, the child scale in mL per kg of body weight a day."""

    ADULT = "adult"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class StoolCounting:
    """The volume taken for an unmeasured episode; the child scale is below an age and up to a weight."""

    unmeasured_ml: Decimal
    unmeasured_child_ml_per_kg: Decimal
    child_age_below: int
    child_weight_kg_max: Decimal


MAGIC_COUNTING = StoolCounting(Decimal(200), Decimal(3), 18, Decimal(50))


def protocol_counting(thresholds: Thresholds) -> StoolCounting:
    """The protocol's way of counting."""
    return StoolCounting(
        unmeasured_ml=thresholds.unmeasured_episode_ml,
        unmeasured_child_ml_per_kg=thresholds.unmeasured_episode_child_ml_per_kg,
        child_age_below=thresholds.child_age_below,
        child_weight_kg_max=thresholds.child_weight_kg_max,
    )


@dataclass(frozen=True, slots=True)
class LooseStool:
    """One day: mL measured, episodes that were not measured, and all loose stools (measured or not)."""

    measured_ml: Decimal
    unmeasured: int
    loose: int


@dataclass(frozen=True, slots=True)
class StoolVolume:
    """An amount on a scale: mL a day (adult) or mL per kg a day (child)."""

    scale: StoolScale
    amount: Decimal


def possible_scales(age: int | None, weight_kg: Decimal | None, rules: StoolCounting) -> tuple[StoolScale, ...]:
    """The scale that holds, or both while a minor's weight is unknown (then the worse of the two is used)."""
    if age is None or age >= rules.child_age_below:
        return (StoolScale.ADULT,)
    if weight_kg is None:
        return (StoolScale.ADULT, StoolScale.CHILD)
    return (StoolScale.CHILD,) if weight_kg <= rules.child_weight_kg_max else (StoolScale.ADULT,)


def total_ml(stool: LooseStool, scale: StoolScale, weight_kg: Decimal | None, rules: StoolCounting) -> Decimal:
    """Measured mL and the volume taken for each unmeasured episode. ValueError: child scale without a weight."""
    if scale is StoolScale.ADULT:
        return stool.measured_ml + rules.unmeasured_ml * stool.unmeasured
    if weight_kg is None:
        raise ValueError("the child scale needs a weight for a total in mL")
    return stool.measured_ml + rules.unmeasured_child_ml_per_kg * weight_kg * stool.unmeasured


def stool_volume(stool: LooseStool, scale: StoolScale, weight_kg: Decimal | None, rules: StoolCounting) -> StoolVolume:
    """The day on a scale. On the child scale without a weight only episodes can be counted: each loose stool as one."""
    if scale is StoolScale.CHILD and weight_kg is None:
        return StoolVolume(scale, rules.unmeasured_child_ml_per_kg * stool.loose)
    total = total_ml(stool, scale, weight_kg, rules)
    return StoolVolume(scale, total if scale is StoolScale.ADULT or weight_kg is None else total / weight_kg)


def possible_volumes(
    stool: LooseStool, *, age: int | None, weight_kg: Decimal | None, rules: StoolCounting
) -> Sequence[StoolVolume]:
    """The day on every scale that may hold."""
    return tuple(stool_volume(stool, scale, weight_kg, rules) for scale in possible_scales(age, weight_kg, rules))


def stool_of(answers: Answers) -> LooseStool | None:
    """One report's loose stool; None when unknown. Without a measured volume every loose stool counts as unmeasured."""
    if answers.get("bowel-trouble") is False:
        return LooseStool(Decimal(0), 0, 0)
    loose, unmeasured = answer_number(answers, "loose-stool-count"), answer_number(answers, "stool-unmeasured-count")
    measured = answer_decimal(answers, "stool-volume-ml")
    if loose is None and unmeasured is None and measured is None:
        return None
    most = max(loose or 0, unmeasured or 0)
    if measured is None:
        return LooseStool(Decimal(0), most, most)
    return LooseStool(measured, unmeasured or 0, most)
