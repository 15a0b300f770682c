"""What a participant may tick, page by page, and which red signs that is: said here once more, from the specification.

Only signs that one answer alone makes red are named; combinations may add more, never take one away.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

Raw = dict[str, Any]


class Sign(NamedTuple):
    """A red sign: the alert rule that has to say it, and how bad it is where it is a number."""

    rule_id: str
    value: Decimal | None = None


WARNING_SIGNS: Final = ("breathlessness", "chest-pain", "fainting", "confusion", "bleeding")
WELL: Final[dict[str, Raw]] = {
    "how-you-are": {"temperature-taken": "yes", "temperature": "36.8", "warning-signs": ["none"]},
    "skin": {"skin-change": "no"},
    "stomach": {"stomach-trouble": "no"},
    "bowel": {"bowel-trouble": "no"},
    "liver-medicines": {"liver-signs": ["none"], "immunosuppressant": "all-taken"},
}
RASH: Final[Raw] = {"skin-change": "yes", "skin-areas": {"trunk-front": "some"}, "skin-itch": "1", "skin-peeling": "no"}
STOOL: Final[Raw] = {"bowel-trouble": "yes", "loose-stool-count": "1", "stool-volume-ml": "100", "abdominal-pain": "1"}
CHOICES: Final[dict[str, tuple[Raw, ...]]] = {
    "how-you-are": (
        WELL["how-you-are"],
        {**WELL["how-you-are"], "temperature": "38.0"},
        {**WELL["how-you-are"], "temperature": "39.2"},
        {**WELL["how-you-are"], "temperature": "３８．６"},
        {"temperature-taken": "no", "warning-signs": ["chest-pain"]},
        {"temperature-taken": "no", "warning-signs": ["bleeding", "fainting"]},
        {"temperature-taken": "yes", "temperature": "fever", "warning-signs": ["breathlessness"]},
    ),
    "skin": (
        WELL["skin"],
        {**RASH, "skin-blisters": "no"},
        {**RASH, "skin-blisters": "yes"},
    ),
    "stomach": (
        WELL["stomach"],
        {
            "stomach-trouble": "yes", "appetite-loss": "1", "nausea": "1", "vomiting-count": "1", "fluids-kept": "yes",
            "vomit-blood": "obvious",
        },
    ),
    "bowel": (
        WELL["bowel"],
        {**STOOL, "stool-blood": "streaks"},
        {**STOOL, "stool-blood": "obvious"},
        {**STOOL, "stool-blood": "none", "abdominal-pain": "3"},
        {**STOOL, "stool-blood": "none", "loose-stool-count": "6", "stool-volume-ml": "900"},
    ),
    "liver-medicines": (
        WELL["liver-medicines"],
        {**WELL["liver-medicines"], "liver-signs": ["yellow"]},
    ),
}  # fmt: skip
PAGES: Final = tuple(WELL)


def signs_of(raw: Mapping[str, Any], *, jaundice_settled: bool = False) -> frozenset[Sign]:
    """The red signs that answers hold, whether they are a whole diary or not. Below a gate "no" nothing counts."""
    found = {Sign(f"{code}-red") for code in WARNING_SIGNS if code in raw.get("warning-signs", ())}
    temperature = _number(raw.get("temperature")) if raw.get("temperature-taken") == "yes" else None
    if temperature is not None and temperature >= 38:
        found.add(Sign("fever-red", temperature))
    if raw.get("skin-change") == "yes" and raw.get("skin-blisters") == "yes":
        found.add(Sign("skin-blisters-red"))
    if raw.get("stomach-trouble") == "yes" and raw.get("vomit-blood") == "obvious":
        found.add(Sign("vomit-blood-red"))
    if raw.get("bowel-trouble") == "yes":
        found |= _bowel_signs(raw)
    if "yellow" in raw.get("liver-signs", ()) and not jaundice_settled:
        found.add(Sign("jaundice-red"))
    return frozenset(found)


def _bowel_signs(raw: Mapping[str, Any]) -> set[Sign]:
    found = {Sign("stool-blood-red")} if raw.get("stool-blood") == "obvious" else set()
    if raw.get("abdominal-pain") == "3":
        found.add(Sign("pain-red", Decimal(3)))
    if raw.get("loose-stool-count") == "6":
        found.add(Sign("stool-red", Decimal(6)))
    return found


def _number(typed: object) -> Decimal | None:
    text = str(typed or "").translate(str.maketrans("０１２３４５６７８９．", "0123456789."))
    return Decimal(text) if text.replace(".", "", 1).isdigit() else None


# Every choice as (page, answers), the red ones first: what comes first is tried more often.
ANSWERS: Final = tuple(
    sorted(((page, raw) for page, all_of in CHOICES.items() for raw in all_of), key=lambda one: not signs_of(one[1]))
)
