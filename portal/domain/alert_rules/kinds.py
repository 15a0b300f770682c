"""The values that alert rules are made of: severity, organ, rule with its citation, flag, and evidence in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from portal.domain.alert_rules.comparison import Comparison

Param = str | int | bool

UKONS = "UKONS 24-hour triage tool"
PROTOCOL = "Study protocol file, alert thresholds"
SAFETY = "Study protocol file, watch after an infusion"


class Severity(StrEnum):
    """Amber: a coordinator looks before the deadline. Red: now. There is no third level."""

    AMBER = "amber"
    RED = "red"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


FLAGGED = (Severity.RED, Severity.AMBER)


def is_flagged(severity: Severity | None) -> bool:
    """Whether a report counts as flagged, in every figure: its own answers met an amber or a red rule, not damped.

    It does so on each day on which they do, also when the report only joined an episode and alerted nobody again.
    """
    return severity in FLAGGED


def find_worst_severity(severities: Iterable[Severity | None]) -> Severity | None:
    """The highest severity, None when there is none."""
    known = [severity for severity in severities if severity is not None]
    return max(known, key=lambda severity: severity.rank, default=None)


class Organ(StrEnum):
    """Where a flag belongs: one open episode each. General is temperature, warning signs and medicines.

    Silence is no organ and touches none: what nobody has sent is a kind of its own.
    """

    SKIN = "skin"
    UPPER_GI = "upper_gi"
    LOWER_GI = "lower_gi"
    LIVER = "liver"
    GENERAL = "general"
    INFUSION = "infusion"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words for staff: an English msgid with ``%(name)s`` places, their values, and the evidence that it rests on.

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
    """One rule met by one report. ``symptom`` names what was answered: two rules on one symptom count once.

    ``damped``: a known, stable symptom. It is shown to the participant and on the charts, and is no news for the ward:
    the report is not flagged by it.
    """

    rule_id: str
    rule_version: int
    severity: Severity
    organ: Organ
    evidence: Evidence
    link_ids: tuple[str, ...]
    symptom: str
    damped: bool = False


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One alert rule, stated once: documents and the data for phones are made from it.

    ``title`` names it, ``words`` is its evidence as a msgid. ``rests_on`` are the names of the ``Thresholds`` that it
    depends on. ``on_device`` is its condition when one answer decides; None: it needs history or knowledge that a phone
    without a network does not have, or the rest of the phone's data decides the same. ``daily``: it alerts staff on
    every day, also when the episode did not get worse. ``tells_investigator``: the investigator is alerted too.
    """

    id: str
    organs: tuple[Organ, ...]
    severity: Severity
    symptom: str
    link_ids: tuple[str, ...]
    title: str
    words: str
    rests_on: tuple[str, ...]
    on_device: Comparison | None
    citation: str = PROTOCOL
    version: int = 1
    daily: bool = False
    tells_investigator: bool = False

    def make_flag(
        self, *, words: str | None = None, symptom: str | None = None, damped: bool = False, **params: Param | Decimal
    ) -> Flag:
        """The flag of this rule in its first organ, with ``params`` in its words."""
        shown = {name: format_decimal(value) if isinstance(value, Decimal) else value for name, value in params.items()}
        return Flag(
            rule_id=self.id,
            rule_version=self.version,
            severity=self.severity,
            organ=self.organs[0],
            evidence=Evidence(words or self.words, shown),
            link_ids=self.link_ids,
            symptom=symptom or self.symptom,
            damped=damped,
        )


def answer_rule(
    name: str,
    organ: Organ,
    severity: Severity,
    condition: Comparison,
    title: str,
    words: str,
    *,
    symptom: str | None = None,
    also_rests_on: tuple[str, ...] = (),
    citation: str = UKONS,
) -> AlertRule:
    """A rule that one answer decides: question, symptom and threshold are those of its condition."""
    return AlertRule(
        id=name,
        organs=(organ,),
        severity=severity,
        symptom=symptom or condition.on,
        link_ids=(condition.on,),
        title=title,
        words=words,
        rests_on=(*([condition.threshold] if condition.threshold else []), *also_rests_on),
        on_device=condition,
        citation=citation,
    )


def format_decimal(value: Decimal) -> str:
    """A decimal as people write it: no exponent, no trailing zeros, at most three places."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
