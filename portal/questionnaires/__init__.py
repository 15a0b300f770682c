"""The instruments as data: FHIR R4 Questionnaire resources, English with zh-CN translations.

``digests.json`` holds the SHA-256 of every released file: a released version never changes, a change is a new version.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from portal.domain.errors import NotFound
from portal.domain.questionnaire import Questionnaire, QuestionnaireFault, compose_diary, parse_questionnaire

FOLDER: Final = Path(__file__).parent
DIGESTS: Final = "digests.json"
FILE_NAME: Final = re.compile(r"([a-z][a-z-]*)\.v([1-9]\d*)\.json")

DAILY: Final = "daily-diary"
POST_INFUSION: Final = "post-infusion-check"


def list_released() -> tuple[tuple[str, int], ...]:
    """Every name and version that a diary may refer to, sorted."""
    found = (FILE_NAME.fullmatch(name) for name in read_recorded_digests(FOLDER))
    return tuple(sorted((match[1], int(match[2])) for match in found if match))


@lru_cache
def load_questionnaire(name: str, version: int = 1) -> Questionnaire:
    """A released questionnaire. Raises NotFound, or QuestionnaireFault with every fault of its file."""
    return parse_questionnaire(load_resource(name, version))


@lru_cache
def load_diary(*, post_infusion: bool, weight: bool) -> Questionnaire:
    """One day's diary; with both true it knows every question, and so reads every stored diary of this version."""
    return compose_diary(
        load_questionnaire(DAILY), load_questionnaire(POST_INFUSION) if post_infusion else None, weight=weight
    )


def load_resource(name: str, version: int = 1) -> dict[str, Any]:
    """The FHIR resource itself, for exports. Raises NotFound."""
    if (name, version) not in list_released():
        raise NotFound("There is no such questionnaire.")
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
    if path.name not in recorded:
        wrong.append(f"has no digest in {DIGESTS}")
    elif recorded[path.name] != hashlib.sha256(content).hexdigest():
        wrong.append(f"was changed after its release: {DIGESTS} has another digest")
    return (*wrong, *_content_faults(path.name, content))


def _content_faults(name: str, content: bytes) -> tuple[str, ...]:
    try:
        questionnaire = parse_questionnaire(json.loads(content))
    except (ValueError, AttributeError) as error:
        return (f"is not a JSON object of a questionnaire: {error}",)
    except QuestionnaireFault as fault:
        return fault.faults
    said = f"{questionnaire.sources[0]}.json"
    return () if said == name else (f"says in url and version that it is {said}",)
