"""Exports: the domains and their columns, what may be exported, how values are formatted, and an export order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Literal

from portal.domain.access import Actor, ActorKind, Permission, require_permission
from portal.domain.errors import Invalid
from portal.domain.msgid import N_
from portal.domain.protocol import LocalizedText

ColumnKind = Literal[
    "text", "code", "list", "json", "integer", "decimal", "boolean", "date", "instant", "staff", "account"
]
ColumnGuard = Literal["identifying", "unblinding"]
Values = Mapping[str, Any]
# Longer than any transaction: what is committed from now on is younger than the cut-off.
SETTLED: Final = timedelta(minutes=5)
WHY_MAX: Final = 500
FIRST: Final = ("study_number", "key")


class ArmDisplay(StrEnum):
    """How arms are exported. ``coded``: A and B, and like ``hidden`` without anything that reveals which is which."""

    SHOWN = "shown"
    CODED = "coded"
    HIDDEN = "hidden"


class ExportFormat(StrEnum):
    CSV = "csv"
    FHIR = "fhir"
    ODM = "odm"


@dataclass(frozen=True, slots=True)
class CodedValue:
    """A value that a column can have, and what it means."""

    code: str
    words: LocalizedText


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """``source``: path into a row's values. ``guards`` say which exports may not hold it."""

    name: str
    kind: ColumnKind
    words: LocalizedText
    source: tuple[str, ...]
    guards: frozenset[ColumnGuard] = frozenset()
    options: tuple[CodedValue, ...] = ()
    unit: str = ""

    def value(self, values: Values) -> Any:
        """What the row holds, or None."""
        found: Any = values
        for step in self.source:
            found = found.get(step) if isinstance(found, Mapping) else None
        return found

    def cell(self, values: Values) -> str | None:
        """The one spelling of the value that every format shares; None where there is none."""
        value = self.value(values)
        return None if value is None else format_value(self.kind, value)


def format_value(kind: ColumnKind, value: Any) -> str:
    """Instants in UTC with Z, days in ISO, decimals as they are, lists with semicolons, people as ``staff-3``."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind in ("staff", "account"):
        return f"{kind}-{value}"
    if kind == "list":
        return ";".join(map(str, value))
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return value.isoformat() if isinstance(value, date) else str(value)


@dataclass(frozen=True, slots=True)
class ExportDomain:
    """One file of an export, made from one table. See ``services/exports/domains.toml`` for what the fields mean."""

    name: str
    table: str
    words: LocalizedText
    columns: tuple[ExportColumn, ...]
    since: tuple[str, ...] = ()
    clip: Mapping[str, Sequence[str]] | None = None
    blind: Mapping[str, Sequence[str]] | None = None
    unblinding: bool = False

    def shows(self, values: Values) -> bool:
        """Whether a row may be included in an export that hides the arms."""
        return not any(
            str(values.get(name) or "").startswith(tuple(beginnings)) for name, beginnings in (self.blind or {}).items()
        )


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is asked for. ``identified``: with names, dates of birth and free text. ``bom``: a mark for Excel."""

    cut_off_at: datetime
    sites: tuple[str, ...]
    formats: tuple[ExportFormat, ...]
    arms: ArmDisplay
    why: str
    identified: bool = False
    bom: bool = False

    @property
    def blind(self) -> bool:
        return self.arms is not ArmDisplay.SHOWN

    @property
    def forbidden(self) -> frozenset[ColumnGuard]:
        identity: frozenset[ColumnGuard] = frozenset(() if self.identified else ("identifying",))
        arms: frozenset[ColumnGuard] = frozenset(("unblinding",) if self.blind else ())
        return identity | arms

    def may_show(self, column: ExportColumn) -> bool:
        if column.source == ("arm",):
            return self.arms is not ArmDisplay.HIDDEN
        return not column.guards & self.forbidden

    def of(self, domains: Sequence[ExportDomain]) -> tuple[ExportDomain, ...]:
        """The domains and columns that this export holds."""
        return tuple(
            replace(domain, columns=tuple(column for column in domain.columns if self.may_show(column)))
            for domain in domains
            if not (domain.unblinding and self.blind)
        )


def check_order(order: ExportOrder, *, actor: Actor, now: datetime) -> None:
    """Invalid by field; NotAllowed where the role may not have what the order asks for."""
    problems: dict[str, str] = {}
    if not order.why.strip():
        problems["why"] = N_("Say what the export is for.")
    if len(order.why) > WHY_MAX:
        problems["why"] = N_("Use at most 500 characters.")
    if order.cut_off_at > now - SETTLED:
        problems["cut_off"] = N_("Choose a time that is at least five minutes ago.")
    if not order.formats:
        problems["formats"] = N_("Choose at least one format.")
    if not order.sites:
        problems["sites"] = N_("Choose at least one site.")
    if problems:
        raise Invalid(problems=problems)
    if actor.kind == ActorKind.SYSTEM:
        return  # whoever is at the terminal has the keys
    for permission in needed_permissions(order):
        for site in order.sites:
            require_permission(actor, permission, site=site)


def needed_permissions(order: ExportOrder) -> tuple[Permission, ...]:
    """Every export needs the grant; arms and identifiers need one more each."""
    arms = (Permission.ARMS_EXPORT,) if not order.blind else ()
    identity = (Permission.IDENTIFIERS_READ,) if order.identified else ()
    return (Permission.DATA_EXPORT, *arms, *identity)
