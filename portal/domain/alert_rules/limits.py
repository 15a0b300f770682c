"""Which values of the protocol file each rule rests on; a rule without any rests on its answer alone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_STOOL: Final = (
    "stool_ml",
    "stool_episodes",
    "stool_child_ml_per_kg",
    "stool_child_episodes",
    "unmeasured_episode_ml",
    "unmeasured_episode_child_ml_per_kg",
    "child_age_below",
    "child_weight_kg_max",
)
_RISE: Final = ("score_rise", "since_yesterday_days")
_AFTER: Final = ("after_infusion_hours",)

LIMITS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "fever-red": ("fever_red_cel",),
        "fever-amber": ("fever_amber_cel", "fever_red_cel"),
        "cold-amber": ("cold_amber_cel",),
        "skin-stage-4-possible": ("rash_red_above_percent",),
        "rash-extent-red": ("rash_red_above_percent",),
        "rash-extent-amber": ("rash_amber_percent", "rash_red_above_percent"),
        "rash-growing": ("rash_growth_points", "rash_growth_days"),
        **dict.fromkeys(("itch-high", "nausea-high", "appetite-high"), ("score_amber",)),
        **dict.fromkeys(("itch-rise", "nausea-rise", "appetite-rise", "pain-rise"), _RISE),
        **dict.fromkeys(("nausea-days", "vomiting-days", "appetite-days", "stomach-days"), ("persistence_days",)),
        **dict.fromkeys(("stool-red", "stool-amber"), _STOOL),
        "pain-red": ("pain_red_score",),
        "pain-amber": ("pain_amber_score", "pain_red_score"),
        "lower-gi-stage-4-possible": ("pain_red_score",),
        "infusion-fever": ("after_infusion_hours", "fever_red_cel"),
        "infusion-new-temperature": ("after_infusion_hours", "fever_amber_cel", "fever_red_cel", "cold_amber_cel"),
        "missed-in-a-row": ("missed_red",),
    }
)


def limits_of(rule_id: str) -> tuple[str, ...]:
    """Names of ``Thresholds``; whatever watches the time after an infusion rests on its hours."""
    return LIMITS.get(rule_id, _AFTER if rule_id.startswith("infusion-") or rule_id == "missed-after-infusion" else ())
