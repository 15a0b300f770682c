"""``docs/alert-rules.md``: every alert rule with what it rests on, as the code and the protocol file say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

from portal import protocols
from portal.domain.alert_rules import RULES, AlertRule, Organ
from portal.domain.alert_rules.kinds import format_decimal
from portal.domain.protocol import AlertBand, Thresholds

CHINESE: Final = Path(__file__).parents[1] / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
OPENING: Final = """# Alert rules

Drawn from `portal/domain/alert_rules` and the protocol file (version {version}) by
`flask --app app docs alert-rules`; a test holds this file against them. Change the rule, not the table.

**Red**: now, the participant is told to ring before anything else is shown. **Amber**: a coordinator looks by the
clock's deadline. Two ambers of different symptoms in one report are red, in every organ that they touch; rules of one
symptom count once. *Daily* rules alert staff on every day, all others only when the episode gets worse. `%(name)s`
stands for a value of the report; thresholds are those of the protocol file, and where a draft of it has another value,
that stands in brackets. A known, stable symptom can be *damped* ([ADR 024](adr/024-known-symptoms-are-no-news.md)):
the participant is shown it and it is not listed; no red ever is.
"""
ORGANS: Final = {
    Organ.GENERAL: "General",
    Organ.SKIN: "Skin",
    Organ.UPPER_GI: "Stomach (upper GI)",
    Organ.LOWER_GI: "Bowel (lower GI)",
    Organ.LIVER: "Liver",
    Organ.INFUSION: "After an infusion",
    Organ.SILENCE: "Silence",
}
Versions = Sequence[tuple[str, Thresholds]]
HEAD: Final = ("rule", "severity", "what staff read", "staff read in Chinese", "answers", "thresholds", "source")


def draw_document() -> str:
    """The whole document. KeyError: a rule's words have no Chinese."""
    protocol, chinese = protocols.load_protocol(), _chinese()
    drafts = [(version, protocols.load_draft(version).thresholds) for version in protocols.list_drafts()]
    limits = [(protocol.version, protocol.thresholds), *drafts]
    sections = [line for organ in ORGANS for line in _section(organ, limits, chinese)]
    return "\n".join([OPENING.format(version=protocol.version), *sections])


def _chinese() -> Callable[[str], str]:
    with CHINESE.open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans_CN")
    words = {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
    return words.__getitem__


def _section(organ: Organ, limits: Versions, chinese: Callable[[str], str]) -> Iterator[str]:
    rules = [rule for rule in RULES if rule.organs[0] is organ and len(rule.organs) == 1]
    yield f"## {ORGANS[organ]}\n"
    yield from _table(
        [*rules, *(rule for rule in RULES if organ is Organ.GENERAL and len(rule.organs) > 1)], limits, chinese
    )
    yield ""


def _table(rules: Iterable[AlertRule], limits: Versions, chinese: Callable[[str], str]) -> Iterator[str]:
    yield _row(HEAD)
    yield _row(["---"] * len(HEAD))
    for rule in rules:
        daily = ", daily" if rule.daily else ""
        daily += ", investigator too" if rule.tells_investigator else ""
        yield _row(
            (
                f"`{rule.id}` v{rule.version}",
                f"{rule.severity}{daily}",
                f"**{rule.title}.** {_words(rule.words)}",
                f"**{chinese(rule.title)}。**{_words(chinese(rule.words))}",
                ", ".join(f"`{link_id}`" for link_id in rule.link_ids),
                "; ".join(f"`{name}` = {_values(name, limits)}" for name in rule.rests_on),
                rule.citation,
            )
        )


def _words(msgid: str) -> str:
    return msgid.replace("%%", "%")


def _values(name: str, limits: Versions) -> str:
    """The value in force, and those of drafts that differ."""
    (_, in_force), *drafts = limits
    now = _value(getattr(in_force, name))
    others = [(version, _value(getattr(draft, name))) for version, draft in drafts]
    return now + "".join(f" (draft {version}: {value})" for version, value in others if value != now)


def _value(value: AlertBand | Decimal | int) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, AlertBand):
        return f"amber {format_decimal(value.amber)}, red {format_decimal(value.red)}"
    return format_decimal(Decimal(value))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
