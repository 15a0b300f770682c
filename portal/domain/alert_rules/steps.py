"""How bad the value of a flag is, read from its evidence, so that a new report can be compared with stored flags."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from portal.domain.alert_rules import general, lower_gi, skin
from portal.domain.alert_rules.kinds import Evidence, Param
from portal.domain.magic import lower_gi_stage
from portal.domain.scales import MAGIC_COUNTING, StoolScale, StoolVolume

STOOL_RULES: Final = frozenset(rule.id for rule in lower_gi.STOOL.values())
# What an evidence names its value by, in the order in which it is looked for.
VALUES: Final = ("stage", "grade", "score", "value")


def flag_value(rule_id: str, evidence: Evidence) -> Decimal | None:
    """The value to compare: stage, grade, score or degrees; of loose stool the stage of that day alone.

    None where a sign is only there or not there, and for the extent of a rash, whose growth is a rule of its own.
    """
    params = evidence.params
    if rule_id in STOOL_RULES:
        return Decimal(_stool_stage(evidence))
    if rule_id == skin.GROWING.id:
        return _decimal(params.get("percent", ""))
    given = next((params[name] for name in VALUES if name in params), None)
    return None if given is None else _decimal(given)


def step_of(rule_id: str, fever_step_cel: Decimal) -> Decimal:
    """By how much a value of this rule rises to be a step worse: a score, a stage or a grade, or so many degrees."""
    return fever_step_cel if rule_id == general.FEVER_RED.id else Decimal(1)


def mildest_values(flags: Iterable[tuple[str, Evidence]]) -> dict[str, Decimal]:
    """Of (rule id, evidence) the lowest value of each rule."""
    found: dict[str, Decimal] = {}
    for rule_id, evidence in flags:
        value = flag_value(rule_id, evidence)
        if value is not None:
            found[rule_id] = min(value, found.get(rule_id, value))
    return found


def _stool_stage(evidence: Evidence) -> int:
    """By volume or by count, whichever is the worse: for flags each of them suffices."""
    scale = StoolScale.CHILD if evidence.msgid == lower_gi.CHILD_WORDS else StoolScale.ADULT
    each = MAGIC_COUNTING.unmeasured_ml if scale is StoolScale.ADULT else MAGIC_COUNTING.unmeasured_child_ml_per_kg
    amounts = (_number(evidence.params, "volume"), _number(evidence.params, "count") * each)
    return max(lower_gi_stage(StoolVolume(scale, amount)) for amount in amounts)


def _number(params: Mapping[str, Param], name: str) -> Decimal:
    return _decimal(params.get(name, 0)) or Decimal(0)


def _decimal(value: Param) -> Decimal | None:
    text = str(value)
    return Decimal(text) if text.replace(".", "", 1).isdecimal() else None
