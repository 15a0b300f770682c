"""Which values are kept, which are asked about, and what a bilirubin means for the liver."""

from decimal import Decimal

import pytest

from portal.domain.errors import Invalid
from portal.domain.laboratory import MEASURES, check_value, liver_stage_of, plausibility_question


@pytest.mark.parametrize(
    ("measure", "code"),
    [
        ("bilirubin:mg/dL", "1975-2"),
        ("bilirubin:umol/L", "14631-6"),
        ("temperature:Cel", "8310-5"),
        ("weight:kg", "29463-7"),
    ],
)
def test_the_unit_decides_the_code(measure: str, code: str) -> None:
    assert MEASURES[measure].code == code


@pytest.mark.parametrize(
    ("measure", "value", "words"),
    [
        ("bilirubin:mg/dL", "15", None),
        ("bilirubin:mg/dL", "15.1", "Is the unit perhaps umol/L?"),
        ("bilirubin:mg/dL", "0.09", "unusually low"),
        ("bilirubin:umol/L", "2.9", "Is the unit perhaps mg/dL?"),
        ("bilirubin:umol/L", "3", None),
        ("bilirubin:umol/L", "600", None),
        ("bilirubin:umol/L", "601", "unusually high"),
        ("temperature:Cel", "34.9", "unusually low"),
        ("temperature:Cel", "41", None),
        ("temperature:Cel", "41.1", "unusually high"),
        ("weight:kg", "55.8", None),
        ("weight:kg", "55.7", "more than a tenth"),
        ("weight:kg", "68.2", None),
        ("weight:kg", "68.3", "more than a tenth"),
    ],
)
def test_an_unlikely_value_is_asked_about(measure: str, value: str, words: str | None) -> None:
    asked = plausibility_question(MEASURES[measure], Decimal(value), last=Decimal(62))
    assert (asked is None) if words is None else (asked is not None and words in asked.msgid)


@pytest.mark.parametrize("value", ["0", "-1", "1700.01", "1.234", "NaN", "Infinity"])
def test_what_cannot_be_is_refused(value: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_value(MEASURES["bilirubin:umol/L"], Decimal(value))
    assert set(refused.value.problems) == {"value"}


@pytest.mark.parametrize("value", ["0.5", "1700", "34.2"])
def test_what_can_be_is_kept(value: str) -> None:
    check_value(MEASURES["bilirubin:umol/L"], Decimal(value))


@pytest.mark.parametrize(
    ("value", "unit", "stage", "near"),
    [
        ("34", "umol/L", 0, True),
        ("35", "umol/L", 1, False),
        ("60", "umol/L", 2, False),
        ("103", "umol/L", 3, True),
        ("15", "mg/dL", 3, False),
        ("15.1", "mg/dL", 4, False),
    ],
)
def test_a_bilirubin_is_a_liver_stage(value: str, unit: str, stage: int, near: bool) -> None:
    found = liver_stage_of(Decimal(value), unit)
    assert (found.stage, found.near_boundary) == (stage, near)
