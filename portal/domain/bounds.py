"""What a value of the protocol file may sensibly be, as types."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a number, both inclusive."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class TextPattern:
    """A text must contain a match of ``pattern``; ``says`` completes the sentence "must ..."."""

    pattern: str
    says: str


Count = Annotated[int, Bounds(Decimal(1), Decimal(100_000_000))]
Days = Annotated[int, Bounds(Decimal(0), Decimal(730))]
Weeks = Annotated[int, Bounds(Decimal(1), Decimal(104))]
Hours = Annotated[int, Bounds(Decimal(1), Decimal(168))]
Minutes = Annotated[int, Bounds(Decimal(1), Decimal(1440))]
Weekday = Annotated[int, Bounds(Decimal(1), Decimal(7))]
Score = Annotated[int, Bounds(Decimal(0), Decimal(4))]
Years = Annotated[int, Bounds(Decimal(0), Decimal(120))]
Celsius = Annotated[Decimal, Bounds(Decimal(34), Decimal(42))]
Percent = Annotated[Decimal, Bounds(Decimal(0), Decimal(100))]
Probability = Annotated[Decimal, Bounds(Decimal(0), Decimal(1))]
Amount = Annotated[Decimal, Bounds(Decimal(0), Decimal(10_000))]
Chinese = Annotated[str, TextPattern("[\u4e00-\u9fff]", "be Chinese")]
NctId = Annotated[str, TextPattern(r"^NCT\d{8}$", "be NCT and eight digits")]
Phone = Annotated[str, TextPattern(r"^\+[1-9][\d -]{6,20}$", "be an international number that begins with +")]
PhoneOrNone = Annotated[str, TextPattern(r"^(\+[1-9][\d -]{6,20})?$", "be empty or a number that begins with +")]
Version = Annotated[str, TextPattern(r"^\d+\.\d+$", "be two numbers with a point between")]
