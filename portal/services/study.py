"""The protocol as staff read it: the values that decide, and those that still await the sponsor's word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.protocol import Assumption, LocalizedText, Protocol
from portal.models.people import Participant
from portal.services.scope import within_sites


@dataclass(frozen=True, slots=True)
class ProtocolValue:
    """One value of the protocol file: its dotted ``key`` and itself (number, text, time, date or ``Words``)."""

    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class OpenAssumption:
    """An assumption with every value that it covers."""

    key: str
    why: LocalizedText
    values: tuple[ProtocolValue, ...]


def list_open_assumptions(protocol: Protocol) -> tuple[OpenAssumption, ...]:
    """The list of assumptions in the order of the file, each with its present values."""
    return tuple(
        OpenAssumption(
            assumption.key,
            assumption.why,
            tuple(list_protocol_values(get_protocol_value(protocol, assumption.key), assumption.key)),
        )
        for assumption in protocol.assumptions
    )


def list_protocol_values(value: object, key: str) -> Iterator[ProtocolValue]:
    """Every single value below ``value``; an element of a list is named by its code, or by its place from 1."""
    if isinstance(value, LocalizedText) or not (is_dataclass(value) or isinstance(value, tuple)):
        yield ProtocolValue(key, value)
    elif isinstance(value, tuple):
        if all(not is_dataclass(one) for one in value):
            yield ProtocolValue(key, value)
            return
        for place, one in enumerate(value, 1):
            yield from list_protocol_values(one, f"{key}.{getattr(one, 'code', place)}")
    else:
        for field in fields(value):
            if field.name != "code":
                yield from list_protocol_values(getattr(value, field.name), f"{key}.{field.name}")


def get_protocol_value(protocol: Protocol, key: str) -> object:
    """The value under a dotted key, such as ``sites.RJ.ward_phone``. Raises ``KeyError``."""
    value: object = protocol
    for part in key.split("."):
        value = _part(value, part)
    return value


def _part(value: object, name: str) -> object:
    if isinstance(value, tuple):
        return next(one for one in value if getattr(one, "code", None) == name)
    return getattr(value, name)


def count_enrolled(session: Session, *, actor: Actor) -> Mapping[str | None, int]:
    """Participants of the actor's sites by arm; under None those who have not been assigned to one."""
    rows = session.execute(select(Participant.arm, func.count()).where(within_sites(actor)).group_by(Participant.arm))
    return {arm: int(count) for arm, count in rows}


def find_assumptions(protocol: Protocol, key: str) -> tuple[Assumption, ...]:
    """The assumptions that a value rests on: those of its own key and of every key above it."""
    return tuple(one for one in protocol.assumptions if key == one.key or key.startswith(f"{one.key}."))
