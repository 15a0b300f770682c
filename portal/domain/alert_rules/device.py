"""The alert rules as plain data for a phone without a network: those whose condition is one answer of the report.

What has grown, lasted or come after an infusion only the server can know; it evaluates every report again when that
arrives. With no report before, this data and ``evaluate_report`` agree (a browser test compares them).
"""

from decimal import Decimal
from typing import Any, Final, NamedTuple

from portal.domain.alert_rules.comparison import RASH_PERCENT, Comparison, Operator
from portal.domain.alert_rules.evaluation import RULES
from portal.domain.alert_rules.infusion import CHILLS, REACTIONS
from portal.domain.alert_rules.kinds import AlertRule, Severity
from portal.domain.alert_rules.liver import liver_symptom
from portal.domain.protocol import Thresholds

# The order of the released data, by what is compared; whatever is not named here comes last.
ORDER: Final = (
    *("temperature", "warning-signs", "infusion-signs"),
    *("skin-blisters", "skin-peeling", RASH_PERCENT, "skin-change", "skin-itch"),
    *("nausea", "appetite-loss", "fluids-kept", "vomit-blood", "stool-blood", "abdominal-pain", "liver-signs"),
)


class DeviceRule(NamedTuple):
    """The six fields of a rule in the order of the phone's data; ``Comparison`` says what the last four mean.

    Ambers count by ``symptom``: two different ones make red. ``after_infusion``: only where the post-infusion page was
    answered, when any new symptom is amber; to a phone each symptom is new.
    """

    severity: Severity
    symptom: str
    on: str
    operator: Operator
    value: bool | str | float
    after_infusion: bool


def device_rules(thresholds: Thresholds) -> tuple[DeviceRule, ...]:
    """Every rule that declares a condition: first the red ones, last those after an infusion."""
    declared = (rule for rule in RULES if rule.on_device is not None and rule is not CHILLS.rule)
    found = [_device_rule(rule, rule.on_device, thresholds) for rule in declared if rule.on_device is not None]
    return tuple(sorted(found, key=_place))


def _device_rule(rule: AlertRule, condition: Comparison, thresholds: Thresholds) -> DeviceRule:
    wanted = condition.resolve_value(thresholds)
    value = wanted if isinstance(wanted, bool | str) else float(wanted)
    # Phones have always had a reaction under the code of its sign.
    reaction = rule in [reaction.rule for reaction in REACTIONS]
    symptom = str(value) if reaction else liver_symptom(rule, thresholds)
    return DeviceRule(rule.severity, symptom, condition.on, condition.operator, value, condition.after_infusion)


def _place(rule: DeviceRule) -> tuple[bool, int, int]:
    place = ORDER.index(rule.on) if rule.on in ORDER and not rule.after_infusion else len(ORDER)
    return rule.after_infusion, -rule.severity.rank, place


def device_stool(thresholds: Thresholds) -> dict[str, Any]:
    """How loose stool is counted on each scale, and its bands: (amber, red) by volume and by count."""
    return {
        "adult": _scale(thresholds.unmeasured_episode_ml, thresholds.stool_ml, thresholds.stool_episodes),
        "child": _scale(
            thresholds.unmeasured_episode_child_ml_per_kg,
            thresholds.stool_child_ml_per_kg,
            thresholds.stool_child_episodes,
        ),
        "child-age-below": thresholds.child_age_below,
        "child-weight-max": float(thresholds.child_weight_kg_max),
    }


def _scale(unmeasured: Decimal, volume: Any, count: Any) -> dict[str, Any]:
    bands = {name: [float(band.amber), float(band.red)] for name, band in (("volume", volume), ("count", count))}
    return {"unmeasured": float(unmeasured), **bands}
