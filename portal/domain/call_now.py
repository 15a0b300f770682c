"""When a participant has to call at once, and when a reminder of the last call is enough."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

# 120 first: breathlessness, chest pain, fainting, bleeding.
BREATHING_FIRST: Final = frozenset(
    {
        "breathlessness-red",
        "chest-pain-red",
        "fainting-red",
        "bleeding-red",
        "infusion-breathlessness",
        "infusion-chest-pain",
        "infusion-faintness",
    }
)


def is_known(
    evidence: Mapping[str, Any], *, before: Mapping[str, Any], since_contact: timedelta, holds: timedelta
) -> bool:
    """Whether a sign is the one that was talked about: within ``holds`` of the contact, and not worse by any number.

    Both are evidence of the same rule as it is stored.
    """
    if since_contact > holds or evidence.get("msgid") != before.get("msgid"):
        return False
    if not _words(evidence) <= _words(before):
        return False
    return not any(_is_worse(evidence, before, name) for name in evidence.get("params", {}))


def _words(evidence: Mapping[str, Any]) -> set[str]:
    """Of a combination, what it is made of."""
    return {str(part.get("msgid")) for part in evidence.get("parts", [])}


def _is_worse(evidence: Mapping[str, Any], before: Mapping[str, Any], name: str) -> bool:
    now, then = _number(evidence["params"].get(name)), _number(before.get("params", {}).get(name))
    return now is not None and (then is None or now > then)


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
