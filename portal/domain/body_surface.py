"""Marked skin regions -> per cent of the body surface, by age (Lund and Browder 1944).

A region of head, neck or limb has a front and a back half, each half of the region's per cent. A half that is marked
"some" counts 50 %, "most" (most or all of it) counts 100 %.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Side = Literal["front", "back"]


@dataclass(frozen=True, slots=True)
class BodyRegion:
    """One area that can be marked on the body map; ``part`` is its row in the Lund-Browder table."""

    code: str
    side: Side
    part: str


@dataclass(frozen=True, slots=True)
class AgeColumn:
    """One age band of the table: ``age_from`` in whole years, per cent of the body for one piece of each part."""

    age_from: int
    percent: Mapping[str, Decimal]


LIMB_PARTS = ("upper-arm", "forearm", "hand", "thigh", "lower-leg", "foot")
HALVED_PARTS = frozenset(("head", "neck", *LIMB_PARTS))
EXTENTS: Mapping[str, Decimal] = {"some": Decimal("0.5"), "most": Decimal(1)}

_AT_EVERY_AGE = {
    "neck": Decimal(2),
    "trunk-front": Decimal(13),
    "trunk-back": Decimal(13),
    "buttocks": Decimal(5),
    "genital": Decimal(1),
    "upper-arm": Decimal(4),
    "forearm": Decimal(3),
    "hand": Decimal("2.5"),
    "foot": Decimal("3.5"),
}
COLUMNS = (
    AgeColumn(16, _AT_EVERY_AGE | {"head": Decimal(7), "thigh": Decimal("9.5"), "lower-leg": Decimal(7)}),
    AgeColumn(15, _AT_EVERY_AGE | {"head": Decimal(9), "thigh": Decimal(9), "lower-leg": Decimal("6.5")}),
    AgeColumn(10, _AT_EVERY_AGE | {"head": Decimal(11), "thigh": Decimal("8.5"), "lower-leg": Decimal(6)}),
)


def _halves(name: str, part: str) -> tuple[BodyRegion, ...]:
    return BodyRegion(f"{name}-front", "front", part), BodyRegion(f"{name}-back", "back", part)


REGIONS: tuple[BodyRegion, ...] = (
    *_halves("head", "head"),
    *_halves("neck", "neck"),
    BodyRegion("trunk-front", "front", "trunk-front"),
    BodyRegion("trunk-back", "back", "trunk-back"),
    BodyRegion("buttocks", "back", "buttocks"),
    BodyRegion("genital", "front", "genital"),
    *(half for part in LIMB_PARTS for hand in ("left", "right") for half in _halves(f"{part}-{hand}", part)),
)
_BY_CODE = {region.code: region for region in REGIONS}


def region_percent(code: str, *, age: int) -> Decimal:
    """The per cent of the body that the region ``code`` is when wholly affected. ValueError: unknown region or age."""
    region = _BY_CODE.get(code)
    if region is None:
        raise ValueError(f"unknown region {code!r}")
    whole = _column(age).percent[region.part]
    return whole / 2 if region.part in HALVED_PARTS else whole


def affected_percent(areas: Mapping[str, str], *, age: int) -> Decimal:
    """The exact per cent of the body surface that ``areas`` (region code -> "some" or "most") covers at ``age`` years.

    ValueError: unknown region or extent, or an age below the table's first column (10 years).
    """
    return sum((region_percent(code, age=age) * _share(extent) for code, extent in areas.items()), Decimal(0))


def _share(extent: str) -> Decimal:
    if extent not in EXTENTS:
        raise ValueError(f"unknown extent {extent!r}")
    return EXTENTS[extent]


def _column(age: int) -> AgeColumn:
    for column in COLUMNS:
        if age >= column.age_from:
            return column
    raise ValueError(f"no body surface table for {age} years")
