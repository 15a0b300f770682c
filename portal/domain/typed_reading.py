"""Plain data (as TOML or JSON gives it) into frozen dataclasses, driven by their type hints.

Nothing stops at the first fault: every one is collected under its dotted key. An element of a list is named by its
``code`` where it has one and by its place, from 1, where it has none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

from portal.domain.protocol import Bounds, TextPattern


class AbsentValue:
    """What a faulty value becomes, so that reading can go on."""


ABSENT: Final = AbsentValue()

PLAIN: Final[Mapping[type, str]] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    Decimal: "a number",
    date: "a date",
    time: "a local time",
}


@dataclass(slots=True)
class TypedReader:
    """``values`` holds everything that could be read, by dotted key; ``faults`` says what could not, and why.

    ``seen`` are the keys that are in the data, right or wrong.
    """

    values: dict[str, object] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def fault(self, key: str, says: str) -> AbsentValue:
        self.faults.append(f"{key}: {says}")
        return ABSENT

    def read(self, kind: Any, raw: object, key: str) -> Any:
        """``raw`` as a ``kind``, or ABSENT with the fault recorded."""
        self.seen.add(key)
        value = self._read(kind, raw, key)
        if value is not ABSENT:
            self.values[key] = value
        return value

    def _read(self, kind: Any, raw: object, key: str) -> Any:
        origin = get_origin(kind)
        if origin is Annotated:
            return self._bounded(kind, raw, key)
        if origin is Literal:
            return raw if raw in get_args(kind) else self.fault(key, f"must be one of {_listed(get_args(kind))}")
        if origin is tuple:
            return self._tuple(get_args(kind), raw, key)
        if kind in PLAIN:
            return self._plain(kind, raw, key)
        return self.record(kind, raw, key)

    def record(self, kind: Any, raw: object, key: str = "") -> Any:
        """A dataclass from a table; keys that it does not know are faults too. What has a default may be left out."""
        if not isinstance(raw, Mapping):
            return self.fault(key, "must be a table")
        hints = get_type_hints(kind, include_extras=True)
        for name in sorted(raw.keys() - hints.keys()):
            self.fault(_joined(key, name), "is not known")
        given = {each.name for each in fields(kind) if each.name in raw or each.default is MISSING}
        parts = {name: self._field(hint, raw, name, key) for name, hint in hints.items() if name in given}
        return ABSENT if ABSENT in parts.values() else kind(**parts)

    def _field(self, hint: Any, raw: Mapping[str, object], name: str, key: str) -> Any:
        inner = _joined(key, name)
        return self.read(hint, raw[name], inner) if name in raw else self.fault(inner, "is missing")

    def _plain(self, kind: type, raw: object, key: str) -> Any:
        if kind is Decimal and type(raw) is int:
            return Decimal(raw)
        if type(raw) is not kind or (isinstance(raw, datetime | time) and raw.tzinfo):
            return self.fault(key, f"must be {PLAIN[kind]}")
        return self.fault(key, "must not be empty") if isinstance(raw, str) and not raw.strip() else raw

    def _bounded(self, kind: Any, raw: object, key: str) -> Any:
        plain, bound = get_args(kind)
        if isinstance(bound, TextPattern):
            fits = isinstance(raw, str) and re.search(bound.pattern, raw)
            return raw if fits else self.fault(key, f"must {bound.says}")
        value = self._plain(plain, raw, key)
        if value is ABSENT or _inside(value, bound):
            return value
        return self.fault(key, f"must be from {bound.low} to {bound.high}, is {value}")

    def _tuple(self, kinds: tuple[Any, ...], raw: object, key: str) -> Any:
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            return self.fault(key, "must be a list")
        if kinds[-1] is not Ellipsis and len(raw) != len(kinds):
            return self.fault(key, f"must have {len(kinds)} elements")
        each = kinds if kinds[-1] is not Ellipsis else kinds[:1] * len(raw)
        rows = enumerate(zip(each, raw, strict=True), start=1)
        parts = tuple(self.read(kind, item, _joined(key, _named(item, place))) for place, (kind, item) in rows)
        return ABSENT if ABSENT in parts else parts


def _inside(value: Any, bound: Bounds) -> bool:
    return bool(value.is_finite() if isinstance(value, Decimal) else True) and bound.low <= value <= bound.high


def _named(item: object, place: int) -> str:
    code = item.get("code") if isinstance(item, Mapping) else None
    return code if isinstance(code, str) else str(place)


def _joined(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _listed(choices: tuple[object, ...]) -> str:
    return ", ".join(map(str, choices))
