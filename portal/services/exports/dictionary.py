"""The domains of an export: the literal table beside this file, with the questions of the diary and of a screening."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from portal import protocols, questionnaires
from portal.domain.exports import Column, Domain, Guard, Kind, Option
from portal.domain.protocol import Words
from portal.domain.questionnaire import Item

FILE: Final = Path(__file__).with_name("domains.toml")
KINDS: Final[Mapping[str, Kind]] = {
    "boolean": "boolean",
    "integer": "integer",
    "decimal": "decimal",
    "score": "integer",
    "choice": "code",
    "multi-choice": "list",
}


@lru_cache
def domains() -> tuple[Domain, ...]:
    """Every domain, in the order of the files."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["domain"]
    added = {"diary": _answers, "screening": _exclusions}
    return tuple(
        replace(one, columns=(*one.columns, *added[one.name]())) if one.name in added else one
        for one in map(_domain, found)
    )


def _domain(raw: Mapping[str, Any]) -> Domain:
    return Domain(
        name=raw["name"],
        table=raw["table"],
        words=Words(raw["en"], raw["zh"]),
        columns=tuple(_column(*one) for one in raw["columns"]),
        since=tuple(raw.get("since", ())),
        clip=raw.get("clip"),
        blind=raw.get("blind"),
        unblinding=raw.get("unblinding", False),
    )


def _column(name: str, kind: Kind, en: str, zh: str, source: str = "", *guards: Guard) -> Column:
    return Column(name, kind, Words(en, zh), tuple((source or name).split(".")), frozenset(guards))


def _exclusions() -> Iterator[Column]:
    """Each exclusion of the registry: yes, no or unknown."""
    for one in protocols.load().criteria_of("exclusion"):
        words = Words(f"Exclusion {one.number}: {one.plain.en}", f"排除标准 {one.number}：{one.plain.zh}")
        yield Column(one.code, "code", words, ("answers", one.code))


def _answers() -> Iterator[Column]:
    """The questions of every released questionnaire, each linkId once, as its newest version asks it."""
    newest: dict[str, tuple[str, Item]] = {}
    for name, version in questionnaires.released():
        newest |= {item.link_id: (name, item) for item in questionnaires.load(name, version).items}
    for name, item in newest.values():
        guards: frozenset[Guard] = frozenset({"unblinding"} if name == questionnaires.POST_INFUSION else ())
        yield from _columns_of(item, guards)


def after_infusion() -> frozenset[str]:
    """The linkIds that are only asked after an infusion, and so tell the arm."""
    return frozenset(item.link_id for item in questionnaires.load(questionnaires.POST_INFUSION).items)


def _columns_of(item: Item, guards: frozenset[Guard]) -> Iterator[Column]:
    options = tuple(Option(str(one.score) if item.kind == "score" else one.code, one.words) for one in item.options)
    if item.kind == "text":
        yield Column(item.link_id, "text", item.text, ("texts", item.link_id), guards | {"identifying"})
    elif item.kind == "body-map":
        for region in item.regions:
            words = Words(f"{item.text.en} {region.words.en}", f"{item.text.zh}{region.words.zh}")
            source = ("answers", item.link_id, region.code)
            yield Column(f"{item.link_id}.{region.code}", "code", words, source, guards, options)
    elif item.kind in KINDS:
        unit = item.unit.en if item.unit else ""
        yield Column(item.link_id, KINDS[item.kind], item.text, ("answers", item.link_id), guards, options, unit)
