"""What makes a report red by its own answers, as plain data that a phone without a network can apply.

Only what needs no history: fever, warning signs, blood and the like, and two ambers of different symptoms. What has
grown, lasted or come after an infusion only the server can know; it judges every report again when that arrives. With
no report before, this data and ``evaluate`` agree (a browser test holds them together).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from portal.domain.alert_rules.general import WARNING_SIGNS
from portal.domain.alert_rules.infusion import REACTIONS
from portal.domain.alert_rules.kinds import Severity
from portal.domain.protocol import Thresholds

Test = Literal["=", "has", ">=", ">", "<"]
RASH_PERCENT: Final = "rash-percent"
STOOL: Final = "stool"
SINCE_INFUSION: Final = {
    "skin-itch": "skin-itch",
    "appetite-loss": "appetite-loss",
    "nausea": "nausea",
    "vomiting-count": "vomiting-count",
    "loose-stool-count": "loose-stool",
    "abdominal-pain": "abdominal-pain",
}
SCORES: Final = ("skin-itch", "nausea", "appetite-loss")


@dataclass(frozen=True, slots=True)
class DeviceRule:
    """``on`` is a linkId, or one of the two derived values: ``rash-percent`` of the body, and ``stool``.

    Ambers count by ``symptom``: two different ones make red. ``after_infusion``: only where the post-infusion page was
    answered, when any new symptom is amber; the phone takes each as new.
    """

    severity: Severity
    symptom: str
    on: str
    test: Test
    value: bool | str | Decimal
    after_infusion: bool = False

    def to_json(self) -> list[Any]:
        """The six fields in their order; decimals as numbers."""
        value = float(self.value) if isinstance(self.value, Decimal) else self.value
        return [str(self.severity), self.symptom, self.on, self.test, value, self.after_infusion]


def device_rules(limits: Thresholds) -> tuple[DeviceRule, ...]:
    """Every rule that judges a report by itself."""
    return (*_reds(limits), *_ambers(limits), *_after_infusion())


def device_stool(limits: Thresholds) -> dict[str, Any]:
    """How loose stool is counted on each scale, and its bands: (amber, red) by volume and by count."""
    return {
        "adult": _scale(limits.unmeasured_episode_ml, limits.stool_ml, limits.stool_episodes),
        "child": _scale(
            limits.unmeasured_episode_child_ml_per_kg, limits.stool_child_ml_per_kg, limits.stool_child_episodes
        ),
        "child-age-below": limits.child_age_below,
        "child-weight-max": float(limits.child_weight_kg_max),
    }


def _scale(unmeasured: Decimal, volume: Any, count: Any) -> dict[str, Any]:
    bands = {name: [float(band.amber), float(band.red)] for name, band in (("volume", volume), ("count", count))}
    return {"unmeasured": float(unmeasured), **bands}


def _reds(limits: Thresholds) -> Iterator[DeviceRule]:
    def red(symptom: str, on: str, test: Test, value: bool | str | Decimal) -> DeviceRule:
        return DeviceRule(Severity.RED, symptom, on, test, value)

    yield red("temperature", "temperature", ">=", limits.fever_red_cel)
    yield from (red(code, "warning-signs", "has", code) for code in WARNING_SIGNS)
    yield from (red(code, "infusion-signs", "has", code) for code in REACTIONS)
    yield red("skin-damage", "skin-blisters", "=", True)
    yield red("skin-damage", "skin-peeling", "=", True)
    yield red("rash", RASH_PERCENT, ">", limits.rash_red_above_percent)
    yield red("fluids-kept", "fluids-kept", "=", False)
    yield red("vomit-blood", "vomit-blood", "=", "obvious")
    yield red("stool-blood", "stool-blood", "=", "obvious")
    yield red("abdominal-pain", "abdominal-pain", ">=", Decimal(limits.pain_red_score))
    yield red("liver-signs", "liver-signs", "has", "yellow")
    yield red("immunosuppressant", "immunosuppressant", "=", "not-kept-down")


def _ambers(limits: Thresholds) -> Iterator[DeviceRule]:
    def amber(symptom: str, on: str, test: Test, value: bool | str | Decimal) -> DeviceRule:
        return DeviceRule(Severity.AMBER, symptom, on, test, value)

    yield amber("temperature", "temperature", ">=", limits.fever_amber_cel)
    yield amber("temperature", "temperature", "<", limits.cold_amber_cel)
    yield amber("rash", "skin-change", "=", True)
    yield from (amber(link_id, link_id, ">=", Decimal(limits.score_amber)) for link_id in SCORES)
    yield amber("vomit-blood", "vomit-blood", "=", "streaks")
    yield amber("stool-blood", "stool-blood", "=", "streaks")
    yield amber("abdominal-pain", "abdominal-pain", ">=", Decimal(limits.pain_amber_score))
    yield amber("liver-signs", "liver-signs", "has", "dark-urine")
    yield amber("liver-signs", "liver-signs", "has", "pale-stools")
    yield amber("immunosuppressant", "immunosuppressant", "=", "missed")


def _after_infusion() -> Iterator[DeviceRule]:
    for code in ("headache", "other"):
        yield DeviceRule(Severity.AMBER, "infusion-signs", "infusion-signs", "has", code, after_infusion=True)
    for link_id, symptom in SINCE_INFUSION.items():
        yield DeviceRule(Severity.AMBER, symptom, link_id, ">=", Decimal(1), after_infusion=True)
