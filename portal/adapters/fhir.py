"""A diary as FHIR R4 QuestionnaireResponse: plain resources, one for each released questionnaire that it answers.

``fhir.resources`` takes 0.4 s to import and is asked only by ``checked``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from portal.domain.questionnaire import Answers, Item, Page, Questionnaire, Value

URN: Final = "urn:imsc-portal"
ANSWERS: Final = f"{URN}:code-system:diary-answers"
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """Whose answers, and when. ``subject`` is a study number; ``source`` who answered, such as ``guardian``."""

    identifier: str
    subject: str
    source: str
    authored_at: datetime
    language: str
    amended: bool = False


def questionnaire_response(form: Questionnaire, answers: Answers, *, about: Answered) -> Resource:
    """The answers to one released questionnaire; what it does not ask is left out.

    ``form`` as released (one name and version); ``answers`` may hold those of other questionnaires, too. A body map is
    a group of its regions, as in the questionnaire. Free text stands among the answers.
    """
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": f"{URN}:diary", "value": about.identifier},
        "questionnaire": f"{URN}:questionnaire:{form.name}|{form.version}",
        "status": "amended" if about.amended else "completed",
        "language": about.language,
        "subject": {"identifier": {"system": f"{URN}:participant", "value": about.subject}},
        "source": {"display": about.source},
        "authored": about.authored_at.isoformat(),
        "item": [page for one in form.pages if (page := _page(one, answers))],
    }


def checked(resource: Resource) -> Resource:
    """The same resource, once ``fhir.resources`` has accepted it. Raises its ValidationError."""
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

    QuestionnaireResponse.model_validate(resource)
    return resource


def link_ids(resource: Mapping[str, Any]) -> Iterator[str]:
    """Every linkId of a Questionnaire or QuestionnaireResponse, depth first."""
    for item in resource.get("item", ()):
        yield item["linkId"]
        yield from link_ids(item)


def _page(page: Page, answers: Answers) -> Resource | None:
    items = [_item(item, answers[item.link_id]) for item in page.items if item.link_id in answers]
    return {"linkId": page.link_id, "text": page.title.en, "item": items} if items else None


def _item(item: Item, value: Value) -> Resource:
    head = {"linkId": item.link_id, "text": item.text.en}
    if isinstance(value, Mapping):
        regions = [
            {"linkId": f"{item.link_id}.{one.code}", "text": one.words.en, "answer": [_coded(item, value[one.code])]}
            for one in item.regions
            if one.code in value
        ]
        return {**head, "item": regions}
    many = value if isinstance(value, tuple) else (value,)
    return {**head, "answer": [_answer(item, one) for one in many]}


def _answer(item: Item, value: bool | int | Decimal | str) -> Resource:
    if item.kind == "score":
        return _coded(item, next(option.code for option in item.options if option.score == value))
    if item.kind in ("choice", "multi-choice"):
        return _coded(item, str(value))
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, Decimal):
        return {"valueDecimal": value}
    return {"valueInteger": value} if isinstance(value, int) else {"valueString": value}


def _coded(item: Item, code: str) -> Resource:
    return {"valueCoding": {"system": ANSWERS, "code": code, "display": item.option(code).words.en}}
