"""Stages and grade, one row for each side of each edge."""

from collections import Counter
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Invalid
from portal.domain.magic import (
    BilirubinUnit,
    Grade,
    MagicFindings,
    assess_findings,
    at_least,
    liver_near_boundary,
    liver_stage,
    lower_gi_near_boundary,
    lower_gi_stage,
    overall_grade,
    skin_near_boundary,
    skin_stage,
)
from portal.domain.scales import StoolScale, StoolVolume

ORGANS = ("skin", "liver", "upper_gi", "lower_gi")
RANGES = (range(5), range(5), range(2), range(5))
STAGES = st.tuples(*(st.sampled_from(list(stages)) for stages in RANGES))


@pytest.mark.parametrize(
    ("percent", "stage"),
    [("0", 0), ("0.01", 1), ("24.99", 1), ("25", 2), ("50", 2), ("50.01", 3), ("100", 3)],
)
def test_skin_stage_by_active_erythema(percent: str, stage: int) -> None:
    assert skin_stage(Decimal(percent)) == stage


@pytest.mark.parametrize(
    ("percent", "bullae", "desquamation", "stage"),
    [
        ("60", True, "5.01", 4),
        ("60", True, "5", 3),
        ("60", False, "20", 3),
        ("50", True, "20", 2),
        ("50.01", True, "6", 4),
    ],
)
def test_skin_stage_4_needs_erythroderma_bullae_and_peeling(
    percent: str, bullae: bool, desquamation: str, stage: int
) -> None:
    assert skin_stage(Decimal(percent), bullae=bullae, desquamation_percent=Decimal(desquamation)) == stage


@pytest.mark.parametrize(
    ("bilirubin", "stage"),
    [
        ("0", 0),
        ("1.9999999999999999999999999999999", 0),
        ("2", 1),
        ("3", 1),
        ("3.0000000000000000000000000000001", 2),
        ("6", 2),
        ("6.01", 3),
        ("15", 3),
        ("15.01", 4),
    ],
)
def test_liver_stage_in_mg_per_dl(bilirubin: str, stage: int) -> None:
    assert liver_stage(Decimal(bilirubin)) == stage


@pytest.mark.parametrize(
    ("bilirubin", "stage"),
    [
        ("34.1999", 0),
        ("34.2", 1),
        ("51.3", 1),
        ("51.3001", 2),
        ("102.6", 2),
        ("102.6001", 3),
        ("256.5", 3),
        ("256.5001", 4),
    ],
)
def test_liver_stage_in_umol_per_l(bilirubin: str, stage: int) -> None:
    assert liver_stage(Decimal(bilirubin), BilirubinUnit.UMOL_L) == stage


def test_six_whole_umol_values_depend_on_the_rounding_convention_and_no_other() -> None:
    near = [value for value in range(401) if liver_near_boundary(Decimal(value), BilirubinUnit.UMOL_L)]
    assert near == [34, 51, 52, 103, 256, 257]


@pytest.mark.parametrize(("bilirubin", "near"), [("1.94", False), ("1.95", True), ("2", False), ("3.04", True)])
def test_mg_per_dl_is_near_a_boundary_when_a_tenth_moves_the_stage(bilirubin: str, near: bool) -> None:
    assert liver_near_boundary(Decimal(bilirubin)) is near


@pytest.mark.parametrize(("percent", "near"), [("24.4", False), ("24.5", True), ("25", False), ("50.4", True)])
def test_skin_is_near_a_boundary_when_a_whole_per_cent_moves_the_stage(percent: str, near: bool) -> None:
    assert skin_near_boundary(Decimal(percent)) is near


@pytest.mark.parametrize(
    ("scale", "amount", "stage"),
    [
        (StoolScale.ADULT, "499.99", 0),
        (StoolScale.ADULT, "500", 1),
        (StoolScale.ADULT, "999.99", 1),
        (StoolScale.ADULT, "1000", 2),
        (StoolScale.ADULT, "1500", 2),
        (StoolScale.ADULT, "1500.01", 3),
        (StoolScale.CHILD, "9.99", 0),
        (StoolScale.CHILD, "10", 1),
        (StoolScale.CHILD, "19.99", 1),
        (StoolScale.CHILD, "20", 2),
        (StoolScale.CHILD, "30", 2),
        (StoolScale.CHILD, "30.01", 3),
    ],
)
def test_lower_gi_stage_by_volume(scale: StoolScale, amount: str, stage: int) -> None:
    assert lower_gi_stage(StoolVolume(scale, Decimal(amount))) == stage


@pytest.mark.parametrize(
    ("scale", "amount", "near"),
    [
        (StoolScale.ADULT, "499.5", True),
        (StoolScale.ADULT, "499", False),
        (StoolScale.CHILD, "19.95", True),
        (StoolScale.CHILD, "20", False),
    ],
)
def test_lower_gi_is_near_a_boundary_when_printing_moves_the_stage(scale: StoolScale, amount: str, near: bool) -> None:
    assert lower_gi_near_boundary(StoolVolume(scale, Decimal(amount))) is near


@pytest.mark.parametrize("sign", ["severe_pain", "gross_blood"])
def test_severe_pain_or_gross_blood_is_stage_4_at_any_volume(sign: str) -> None:
    assert lower_gi_stage(StoolVolume(StoolScale.ADULT, Decimal(0)), **{sign: True}) == 4


@pytest.mark.parametrize(
    ("episodes", "adult", "child"),
    [(2, 0, 0), (3, 1, 0), (4, 1, 1), (5, 2, 1), (6, 2, 1), (7, 2, 2), (8, 3, 2), (10, 3, 2), (11, 3, 3)],
)
def test_unmeasured_episodes_reproduce_the_episode_bands(episodes: int, adult: int, child: int) -> None:
    assert assess_findings(MagicFindings(age=34, weight_kg=Decimal(62), episodes=episodes)).lower_gi == adult
    assert assess_findings(MagicFindings(age=15, weight_kg=Decimal("43.7"), episodes=episodes)).lower_gi == child


def test_all_250_combinations_of_stages_grade_as_published() -> None:
    grades = Counter(_grade(stages) for stages in product(*RANGES))
    assert grades == {Grade.NONE: 1, Grade.I: 2, Grade.II: 29, Grade.III: 96, Grade.IV: 122}


@pytest.mark.parametrize(
    ("stages", "grade"),
    [
        ((0, 0, 0, 0), "0"),
        ((1, 0, 0, 0), "I"),
        ((2, 0, 0, 0), "I"),
        ((3, 0, 0, 0), "II"),
        ((2, 0, 1, 0), "II"),
        ((0, 1, 0, 0), "II"),
        ((0, 0, 0, 1), "II"),
        ((0, 2, 0, 0), "III"),
        ((0, 0, 0, 2), "III"),
        ((3, 3, 1, 1), "III"),
        ((4, 0, 0, 0), "IV"),
        ((0, 4, 0, 0), "IV"),
        ((0, 0, 0, 4), "IV"),
    ],
)
def test_the_grade_is_decided_from_the_top(stages: tuple[int, ...], grade: str) -> None:
    assert _grade(stages) == grade


@pytest.mark.parametrize("missing", ORGANS)
def test_with_an_organ_missing_there_is_no_grade_but_at_least(missing: str) -> None:
    stages: dict[str, int | None] = dict.fromkeys(ORGANS, 1) | {missing: None}
    assert overall_grade(**stages) is None
    assert at_least(**stages) is Grade.II


def test_stage_4_makes_at_least_iv_whatever_is_missing() -> None:
    assert at_least(skin=4, liver=None, upper_gi=None, lower_gi=None) is Grade.IV


@given(stages=STAGES, organ=st.integers(0, 3))
def test_a_worse_organ_never_lowers_the_grade(stages: tuple[int, ...], organ: int) -> None:
    worse = tuple(min(stage + (place == organ), RANGES[place][-1]) for place, stage in enumerate(stages))
    assert _rank(worse) >= _rank(stages)


@given(stages=STAGES, organ=st.integers(0, 3))
def test_what_is_still_missing_can_only_raise_the_grade(stages: tuple[int, ...], organ: int) -> None:
    known: dict[str, int | None] = dict(zip(ORGANS, stages, strict=True)) | {ORGANS[organ]: None}
    assert at_least(**known).rank <= _rank(stages)


def test_findings_are_staged_and_graded_together() -> None:
    result = assess_findings(
        MagicFindings(
            age=34,
            weight_kg=Decimal(62),
            bsa=Decimal(60),
            bilirubin=Decimal("2.7"),
            upper_gi=False,
            stool_ml=Decimal(450),
            episodes=2,
        )
    )
    assert (result.skin, result.liver, result.upper_gi, result.lower_gi) == (3, 1, 0, 1)
    assert (result.grade, result.stool_ml_total, result.scale) == (Grade.II, 850, StoolScale.ADULT)


@pytest.mark.parametrize(
    ("age", "weight", "scale"), [(17, "50", "child"), (17, "50.01", "adult"), (18, "40", "adult"), (14, "31", "child")]
)
def test_the_child_scale_is_for_minors_of_up_to_50_kg(age: int, weight: str, scale: str) -> None:
    assert assess_findings(MagicFindings(age=age, weight_kg=Decimal(weight), stool_ml=Decimal(1))).scale == scale


def test_a_minor_without_a_weight_gets_the_worse_scale_and_is_told() -> None:
    result = assess_findings(MagicFindings(age=15, episodes=3))
    assert (result.lower_gi, result.scale, result.scale_assumed, result.stool_ml_total) == (1, "adult", True, 600)


def test_the_child_total_is_in_ml() -> None:
    result = assess_findings(MagicFindings(age=15, weight_kg=Decimal(45), stool_ml=Decimal(45), episodes=3))
    assert (result.stool_ml_total, result.lower_gi) == (450, 1)


@pytest.mark.parametrize(("given", "lower_gi"), [({}, None), ({"gross_blood": True}, 4), ({"episodes": 0}, 0)])
def test_lower_gi_is_missing_only_when_nothing_is_given(given: dict[str, object], lower_gi: int | None) -> None:
    assert assess_findings(MagicFindings(**given)).lower_gi == lower_gi  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"age": -1},
        {"age": 121},
        {"weight_kg": Decimal(0)},
        {"bsa": Decimal("100.1")},
        {"desquamation": Decimal(-1)},
        {"bilirubin": Decimal("NaN")},
        {"bilirubin": Decimal("Infinity")},
        {"stool_ml": Decimal("-0.1")},
        {"episodes": -1},
    ],
)
def test_findings_that_cannot_be_are_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal:
        MagicFindings(**wrong)  # type: ignore[arg-type]
    assert list(refusal.value.problems) == list(wrong)


def test_long_decimals_are_not_rounded_before_they_are_compared() -> None:
    just_below = Decimal("499." + "9" * 30)
    assert assess_findings(MagicFindings(age=34, stool_ml=just_below, episodes=0)).lower_gi == 0


def _grade(stages: tuple[int, ...]) -> Grade | None:
    return overall_grade(**dict(zip(ORGANS, stages, strict=True)))


def _rank(stages: tuple[int, ...]) -> int:
    grade = _grade(stages)
    assert grade is not None
    return grade.rank
