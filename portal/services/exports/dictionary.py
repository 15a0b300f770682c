"""The domains of an export: the literal table beside this file, with the questions of the diary and of a screening."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from portal import protocols, questionnaires
from portal.domain.exports import CodedValue, ColumnGuard, ColumnKind, ExportColumn, ExportDomain
from portal.domain.protocol import LocalizedText
from portal.domain.questionnaire import QuestionItem

FILE: Final = Path(__file__).with_name("domains.toml")
KINDS: Final[Mapping[str, ColumnKind]] = {
    "boolean": "boolean",
    "integer": "integer",
    "decimal": "decimal",
    "score": "integer",
    "choice": "code",
    "multi-choice": "list",
}


@lru_cache
def load_domains() -> tuple[ExportDomain, ...]:
    """Every domain, in the order of the files."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["domain"]
    added = {"diary": _answers, "screening": _exclusions}
    return tuple(
        replace(one, columns=(*one.columns, *added[one.name]())) if one.name in added else one
        for one in map(_domain, found)
    )


def _domain(raw: Mapping[str, Any]) -> ExportDomain:
    return ExportDomain(
        name=raw["name"],
        table=raw["table"],
        words=LocalizedText(raw["en"], raw["zh"]),
        columns=tuple(_column(*one) for one in raw["columns"]),
        since=tuple(raw.get("since", ())),
        clip=raw.get("clip"),
        blind=raw.get("blind"),
        unblinding=raw.get("unblinding", False),
    )


def _column(name: str, kind: ColumnKind, en: str, zh: str, source: str = "", *guards: ColumnGuard) -> ExportColumn:
    return ExportColumn(name, kind, LocalizedText(en, zh), tuple((source or name).split(".")), frozenset(guards))


def _exclusions() -> Iterator[ExportColumn]:
    """Each exclusion of the registry: yes, no or unknown."""
    for one in protocols.load_protocol().criteria_of("exclusion"):
        words = LocalizedText(f"Exclusion {one.number}: {one.plain.en}", f"排除标准 {one.number}：{one.plain.zh}")
        yield ExportColumn(one.code, "code", words, ("answers", one.code))


def _answers() -> Iterator[ExportColumn]:
    """The questions of every released questionnaire, each linkId once, as its newest version asks it."""
    newest: dict[str, tuple[str, QuestionItem]] = {}
    for name, version in questionnaires.list_released():
        newest |= {item.link_id: (name, item) for item in questionnaires.load_questionnaire(name, version).items}
    for name, item in newest.values():
        guards: frozenset[ColumnGuard] = frozenset({"unblinding"} if name == questionnaires.POST_INFUSION else ())
        yield from _columns_of(item, guards)


def infusion_link_ids() -> frozenset[str]:
    """The linkIds that are only asked after an infusion, and so reveal the arm."""
    return frozenset(item.link_id for item in questionnaires.load_questionnaire(questionnaires.POST_INFUSION).items)


def _columns_of(item: QuestionItem, guards: frozenset[ColumnGuard]) -> Iterator[ExportColumn]:
    options = tuple(CodedValue(str(one.score) if item.kind == "score" else one.code, one.words) for one in item.options)
    if item.kind == "text":
        yield ExportColumn(item.link_id, "text", item.text, ("free_text", item.link_id), guards | {"identifying"})
    elif item.kind == "body-map":
        for region in item.regions:
            words = LocalizedText(f"{item.text.en} {region.words.en}", f"{item.text.zh}{region.words.zh}")
            source = ("answers", item.link_id, region.code)
            yield ExportColumn(f"{item.link_id}.{region.code}", "code", words, source, guards, options)
    elif item.kind in KINDS:
        unit = item.unit.en if item.unit else ""
        yield ExportColumn(item.link_id, KINDS[item.kind], item.text, ("answers", item.link_id), guards, options, unit)
