"""Reading the JSON of a FHIR resource: elements, extensions, translations."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

Node = Mapping[str, Any]

CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
LANGUAGE: Final = "zh-CN"


def child_nodes(node: Node, key: str) -> list[Node]:
    return [one for one in node.get(key) or () if isinstance(one, Mapping)]


def find_extensions(node: Node, name: str) -> Iterator[Node]:
    url = name if ":" in name else CORE + name
    return (one for one in child_nodes(node, "extension") if one.get("url") in (url, name))


def find_extension(node: Node, name: str) -> Node:
    return next(find_extensions(node, name), {})


def read_translation(node: Node, key: str) -> str:
    for one in find_extensions(node.get(f"_{key}") or {}, "translation"):
        if find_extension(one, "lang").get("valueCode") == LANGUAGE:
            return str(find_extension(one, "content").get("valueString", ""))
    return ""


def is_help(node: Node) -> bool:
    concept = find_extension(node, "questionnaire-itemControl").get("valueCodeableConcept", {})
    return node.get("type") == "display" and any(one.get("code") == "help" for one in child_nodes(concept, "coding"))


def extension_number(extension: Node) -> Decimal | None:
    value = extension.get("valueDecimal", extension.get("valueInteger"))
    return None if value is None else Decimal(str(value))


def condition_answer(node: Node) -> bool | int | Decimal | str:
    coding = node.get("answerCoding")
    if coding:
        return str(coding.get("code", ""))
    if "answerDecimal" in node:
        return Decimal(str(node["answerDecimal"]))
    answer = node.get("answerBoolean", node.get("answerInteger"))
    return answer if isinstance(answer, bool | int) else ""
