"""The instruments as data: FHIR R4 Questionnaire resources, English with zh-CN translations.

``digests.json`` holds the SHA-256 of every released file: a released version never changes, a change is a new version.
A file whose status is ``draft`` has no digest; only a process that runs a draft of the protocol reads it.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from portal import protocols
from portal.domain.errors import NotFound
from portal.domain.protocol import LocalizedText
from portal.domain.questionnaire import (
    ANY_DAY,
    Questionnaire,
    QuestionnaireFault,
    compose_diary,
    parse_questionnaire,
    word_questionnaire,
)

FOLDER: Final = Path(__file__).parent
DIGESTS: Final = "digests.json"
FILE_NAME: Final = re.compile(r"([a-z][a-z-]*)\.v([1-9]\d*)\.json")

DAILY: Final = "daily-diary"
POST_INFUSION: Final = "post-infusion-check"


def list_released() -> tuple[tuple[str, int], ...]:
    """Every name and version that was released, sorted."""
    return _named(read_recorded_digests(FOLDER))


def list_known() -> tuple[tuple[str, int], ...]:
    """Every name and version that a diary of this process may refer to, sorted."""
    return _named(path.name for path in list_files()) if protocols.runs_draft() else list_released()


def _named(files: Iterable[str]) -> tuple[tuple[str, int], ...]:
    found = (FILE_NAME.fullmatch(name) for name in files)
    return tuple(sorted((match[1], int(match[2])) for match in found if match))


def load_questionnaire(name: str, version: int = 1) -> Questionnaire:
    """A questionnaire that this process knows. Raises NotFound, or QuestionnaireFault with every fault of its file."""
    if (name, version) not in list_known():
        raise NotFound("There is no such questionnaire.")
    return _parsed(name, version)


@lru_cache
def _parsed(name: str, version: int) -> Questionnaire:
    return parse_questionnaire(_read(name, version))


def load_diary(
    *, post_infusion: bool, weight: bool, day: LocalizedText = ANY_DAY, for_another: bool = False
) -> Questionnaire:
    """One day's diary as the protocol asks it; with both true it knows every question of its version.

    In the words for ``day`` and for who writes. ``wording.PLACE`` keeps the place of the day, for a phone that fills it
    in without a network.
    """
    plan = protocols.load_protocol().diary
    names = (plan.questionnaire, plan.post_infusion_questionnaire)
    form = _composed(*names, post_infusion=post_infusion, weight=weight)
    return word_questionnaire(form, day, for_another=for_another)


def load_source(source: str) -> Questionnaire:
    """``daily-diary.v1``, as a stored diary and the protocol name it. Raises NotFound."""
    name, version = source.rsplit(".v", 1)
    return load_questionnaire(name, int(version))


@lru_cache
def _composed(daily: str, after: str, *, post_infusion: bool, weight: bool) -> Questionnaire:
    return compose_diary(load_source(daily), load_source(after) if post_infusion else None, weight=weight)


def load_resource(name: str, version: int = 1) -> dict[str, Any]:
    """The FHIR resource itself, for exports. Raises NotFound."""
    if (name, version) not in list_known():
        raise NotFound("There is no such questionnaire.")
    return _read(name, version)


def _read(name: str, version: int) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.v{version}.json").read_text(encoding="utf-8"))
    return content


def list_files(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Every questionnaire file of ``folder``, released or not."""
    return tuple(path for path in sorted(folder.glob("*.json")) if path.name != DIGESTS)


def read_recorded_digests(folder: Path = FOLDER) -> dict[str, str]:
    """File name -> SHA-256 in hexadecimal, as written down at release."""
    recorded: dict[str, str] = json.loads((folder / DIGESTS).read_text(encoding="utf-8"))
    return recorded


def questionnaire_faults(path: Path, recorded: Mapping[str, str]) -> tuple[str, ...]:
    """Everything that is wrong with one file as the portal's own types see it; empty when nothing is."""
    content = path.read_bytes()
    wrong = [] if FILE_NAME.fullmatch(path.name) else ["the name must be like daily-diary.v1.json"]
    draft = _is_draft(content)
    if path.name not in recorded:
        wrong += [] if draft else [f"has no digest in {DIGESTS}"]
    elif draft:
        wrong.append(f"is a draft, yet has a digest in {DIGESTS}")
    elif recorded[path.name] != hashlib.sha256(content).hexdigest():
        wrong.append(f"was changed after its release: {DIGESTS} has another digest")
    return (*wrong, *_content_faults(path.name, content))


def _is_draft(content: bytes) -> bool:
    try:
        resource = json.loads(content)
    except ValueError:
        return False
    return isinstance(resource, dict) and resource.get("status") == "draft"


def _content_faults(name: str, content: bytes) -> tuple[str, ...]:
    try:
        questionnaire = parse_questionnaire(json.loads(content))
    except (ValueError, AttributeError) as error:
        return (f"is not a JSON object of a questionnaire: {error}",)
    except QuestionnaireFault as fault:
        return fault.faults
    said = f"{questionnaire.sources[0]}.json"
    return () if said == name else (f"says in url and version that it is {said}",)
