"""What a flag is made of: severities, organs, rules with their citation, and evidence in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

Param = str | int | bool

UKONS = "UKONS 24-hour triage tool"
PROTOCOL = "Study protocol file, alert thresholds"
SAFETY = "Study protocol file, watch after an infusion"


class Severity(StrEnum):
    """Two levels, never more. Amber: a coordinator looks by the clock's deadline. Red: now."""

    AMBER = "amber"
    RED = "red"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


FLAGGED = (Severity.RED, Severity.AMBER)


def is_flagged(severity: Severity | None) -> bool:
    """Whether a report counts as flagged, in every figure: its own answers met an amber or a red rule.

    It does so on each day on which they do, also when the report only joined an episode and alerted nobody again.
    """
    return severity in FLAGGED


def worst(severities: Iterable[Severity | None]) -> Severity | None:
    """The highest severity, None when there is none."""
    known = [severity for severity in severities if severity is not None]
    return max(known, key=lambda severity: severity.rank, default=None)


class Organ(StrEnum):
    """Where a flag belongs: one open episode each. General is temperature, warning signs and medicines."""

    SKIN = "skin"
    UPPER_GI = "upper_gi"
    LOWER_GI = "lower_gi"
    LIVER = "liver"
    GENERAL = "general"
    INFUSION = "infusion"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words for staff: an English msgid with ``%(name)s`` places, its values, and the evidence that it rests on.

    Show it as ``gettext(msgid) % params``, then each of ``parts``. Decimals stand in ``params`` as plain text.
    """

    msgid: str
    params: Mapping[str, Param] = field(default_factory=dict)
    parts: tuple["Evidence", ...] = ()

    def to_json(self) -> dict[str, object]:
        """Only JSON's own types; read back by ``from_json``."""
        return {"msgid": self.msgid, "params": dict(self.params), "parts": [part.to_json() for part in self.parts]}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Evidence":
        """Undo ``to_json``. ValueError: something else was stored."""
        msgid, params, parts = stored.get("msgid"), stored.get("params", {}), stored.get("parts", [])
        if not isinstance(msgid, str) or not isinstance(params, Mapping) or not isinstance(parts, list):
            raise ValueError("not evidence")
        return cls(msgid, dict(params), tuple(cls.from_json(part) for part in parts))


@dataclass(frozen=True, slots=True)
class Flag:
    """One rule met by one report. ``symptom`` names what was answered: two rules on one symptom count once."""

    rule_id: str
    rule_version: int
    severity: Severity
    organ: Organ
    evidence: Evidence
    link_ids: tuple[str, ...]
    symptom: str


@dataclass(frozen=True, slots=True)
class Rule:
    """``title`` names it, ``words`` is its evidence as a msgid. ``daily``: it alerts staff on every day, undamped."""

    id: str
    organs: tuple[Organ, ...]
    severity: Severity
    symptom: str
    link_ids: tuple[str, ...]
    title: str
    words: str
    citation: str = PROTOCOL
    version: int = 1
    daily: bool = False

    def flag(self, *, words: str | None = None, symptom: str | None = None, **params: Param | Decimal) -> Flag:
        """The flag that this rule raises, in its first organ, with ``params`` in its words."""
        shown = {name: plain(value) if isinstance(value, Decimal) else value for name, value in params.items()}
        return Flag(
            rule_id=self.id,
            rule_version=self.version,
            severity=self.severity,
            organ=self.organs[0],
            evidence=Evidence(words or self.words, shown),
            link_ids=self.link_ids,
            symptom=symptom or self.symptom,
        )


def plain(value: Decimal) -> str:
    """A decimal as people write it: no exponent, no trailing zeros, at most three places."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
