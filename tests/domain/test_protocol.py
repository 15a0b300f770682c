"""The trial's values, and the reader that makes them from plain data."""

from dataclasses import FrozenInstanceError, dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Literal

import pytest

from portal import protocols
from portal.domain.protocol import Celsius, Days, LocalizedText, Phone, Protocol
from portal.domain.typed_reading import ABSENT, TypedReader


@dataclass(frozen=True, slots=True)
class Stop:
    code: str
    days: Days


@dataclass(frozen=True, slots=True)
class Journey:
    name: LocalizedText
    stops: tuple[Stop, ...]
    pair: tuple[str, int]
    side: Literal["left", "right"]


JOURNEY = {
    "name": {"en": "Journey", "zh": "旅程"},
    "stops": [{"code": "a", "days": 1}, {"code": "b", "days": 2}],
    "pair": ["one", 1],
    "side": "left",
}


@pytest.fixture
def protocol() -> Protocol:
    return protocols.load_protocol()


@pytest.mark.parametrize(("language", "text"), [("en", "Day ward"), ("zh-CN", "日间病房"), ("zh_Hans_CN", "日间病房")])
def test_words_are_told_in_the_language_asked_for(language: str, text: str) -> None:
    assert LocalizedText("Day ward", "日间病房").in_(language) == text


def test_an_infusion_plan_counts_its_infusions(protocol: Protocol) -> None:
    assert protocol.infusions.count == 8


@pytest.mark.parametrize(("look", "code"), [("arm", "imsc"), ("site", "RJ"), ("intervention", "prophylaxis")])
def test_a_part_is_found_by_its_code(protocol: Protocol, look: str, code: str) -> None:
    assert getattr(protocol, look)(code).code == code


def test_a_protocol_cannot_be_changed(protocol: Protocol) -> None:
    with pytest.raises(FrozenInstanceError):
        protocol.version = "2.0"  # type: ignore[misc]


def test_a_table_becomes_frozen_values_all_the_way_down() -> None:
    assert TypedReader().record(Journey, JOURNEY) == Journey(
        LocalizedText("Journey", "旅程"), (Stop("a", 1), Stop("b", 2)), ("one", 1), "left"
    )


def test_every_value_that_could_be_read_is_known_by_its_dotted_key() -> None:
    reading = TypedReader()
    reading.record(Journey, JOURNEY)
    assert reading.values["stops.b.days"] == 2
    assert reading.values["pair.2"] == 1


def test_one_fault_does_not_hide_the_next() -> None:
    reading = TypedReader()
    broken = JOURNEY | {"stops": [{"code": "a", "days": -1}, {"code": "b"}], "side": "up"}
    assert reading.record(Journey, broken) is ABSENT
    assert reading.faults == [
        "stops.a.days: must be from 0 to 730, is -1",
        "stops.b.days: is missing",
        "side: must be one of left, right",
    ]


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (int, True),
        (int, Decimal(1)),
        (bool, 1),
        (Decimal, "1"),
        (Decimal, 1.5),
        (str, ""),
        (date, datetime(2026, 1, 1, tzinfo=UTC)),
        (time, time(8, tzinfo=UTC)),
        (Days, "3"),
        (Celsius, Decimal("33.9")),
        (Celsius, Decimal("Infinity")),
        (Phone, 862155500100),
        (tuple[str, ...], "abc"),
        (tuple[str, int], ["a"]),
        (LocalizedText, ["en", "zh"]),
    ],
)
def test_a_value_of_the_wrong_kind_is_one_fault(kind: Any, raw: object) -> None:
    reading = TypedReader()
    assert reading.read(kind, raw, "key") is ABSENT
    assert len(reading.faults) == 1
    assert reading.faults[0].startswith("key: must ")


@pytest.mark.parametrize(
    ("kind", "raw"), [(Celsius, 38), (Celsius, Decimal(42)), (Days, 0), (Phone, "+86 21 5550 0100")]
)
def test_a_value_on_its_bound_is_read(kind: Any, raw: object) -> None:
    assert TypedReader().read(kind, raw, "key") == raw


def test_a_whole_number_is_a_decimal_where_a_decimal_is_wanted() -> None:
    assert isinstance(TypedReader().read(Decimal, 38, "key"), Decimal)
