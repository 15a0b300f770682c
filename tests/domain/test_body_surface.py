from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.body_surface import REGIONS, affected_percent, region_percent

CODES = [region.code for region in REGIONS]
MARKED = st.dictionaries(st.sampled_from(CODES), st.sampled_from(["some", "most"]))


@pytest.mark.parametrize("age", range(10, 71))
def test_the_whole_body_is_exactly_one_hundred_per_cent(age: int) -> None:
    assert affected_percent(dict.fromkeys(CODES, "most"), age=age) == 100


@pytest.mark.parametrize("age", [14, 15, 16])
def test_some_is_half_of_most(age: int) -> None:
    assert affected_percent(dict.fromkeys(CODES, "some"), age=age) == 50


def test_nothing_marked_is_nothing() -> None:
    assert affected_percent({}, age=34) == 0


@pytest.mark.parametrize(
    ("code", "at_14", "at_15", "at_16"),
    [
        ("head-front", "5.5", "4.5", "3.5"),
        ("neck-back", "1", "1", "1"),
        ("trunk-front", "13", "13", "13"),
        ("trunk-back", "13", "13", "13"),
        ("buttocks", "5", "5", "5"),
        ("genital", "1", "1", "1"),
        ("upper-arm-left-front", "2", "2", "2"),
        ("forearm-right-back", "1.5", "1.5", "1.5"),
        ("hand-left-back", "1.25", "1.25", "1.25"),
        ("thigh-right-front", "4.25", "4.5", "4.75"),
        ("lower-leg-left-back", "3", "3.25", "3.5"),
        ("foot-right-front", "1.75", "1.75", "1.75"),
    ],
)
def test_each_region_is_as_lund_and_browder_have_it(code: str, at_14: str, at_15: str, at_16: str) -> None:
    assert [region_percent(code, age=age) for age in (14, 15, 16)] == [Decimal(at_14), Decimal(at_15), Decimal(at_16)]


def test_there_are_sixteen_places_in_front_and_sixteen_behind() -> None:
    assert len(set(CODES)) == 32
    assert [region.side for region in REGIONS].count("front") == 16


@pytest.mark.parametrize(
    "areas", [{"tail": "most"}, {"head-front": "all"}, {"head-front": "most", "head": "some"}, {"": "some"}]
)
def test_an_unknown_region_or_extent_is_refused(areas: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="unknown"):
        affected_percent(areas, age=34)


def test_an_age_below_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="9 years"):
        affected_percent({"head-front": "some"}, age=9)


@given(areas=MARKED, code=st.sampled_from(CODES), age=st.integers(10, 70))
def test_marking_more_never_makes_less(areas: dict[str, str], code: str, age: int) -> None:
    assert 0 <= affected_percent(areas, age=age) <= affected_percent(areas | {code: "most"}, age=age) <= 100
