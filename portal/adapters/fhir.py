"""FHIR R4: plain resources. A diary is one QuestionnaireResponse for each released questionnaire that it answers.

``fhir.resources`` takes 0.4 s to import and is asked only by ``checked``.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from portal.domain.questionnaire import Answers, AnswerValue, QuestionItem, Questionnaire, QuestionnairePage

URN: Final = "urn:imsc-portal"
ANSWERS: Final = f"{URN}:code-system:diary-answers"
STAGES: Final = f"{URN}:code-system:magic"
LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
UCUM: Final = "http://unitsofmeasure.org"
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ResponseContext:
    """Whose answers, and when. ``subject`` is a study number; ``source`` who answered, such as ``guardian``."""

    identifier: str
    subject: str
    source: str
    authored_at: datetime
    language: str
    amended: bool = False


def questionnaire_response(form: Questionnaire, answers: Answers, *, about: ResponseContext) -> Resource:
    """The answers to one released questionnaire; answers that it does not ask for are left out.

    ``form`` as released (one name and version); ``answers`` may hold those of other questionnaires, too. A body map is
    a group of its regions, as in the questionnaire. Free text is included among the answers.
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


def validate_resource(resource: Resource) -> Resource:
    """The same resource, once ``fhir.resources`` has accepted it. Raises its ValidationError."""
    from fhir.resources.R4B import get_fhir_model_class

    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    return resource


def link_ids(resource: Mapping[str, Any]) -> Iterator[str]:
    """Every linkId of a Questionnaire or QuestionnaireResponse, depth first."""
    for item in resource.get("item", ()):
        yield item["linkId"]
        yield from link_ids(item)


def _page(page: QuestionnairePage, answers: Answers) -> Resource | None:
    items = [_item(item, answers[item.link_id]) for item in page.items if item.link_id in answers]
    return {"linkId": page.link_id, "text": page.title.en, "item": items} if items else None


def _item(item: QuestionItem, value: AnswerValue) -> Resource:
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


def _answer(item: QuestionItem, value: bool | int | Decimal | str) -> Resource:
    if item.kind == "score":
        return _coded(item, next(option.code for option in item.options if option.score == value))
    if item.kind in ("choice", "multi-choice"):
        return _coded(item, str(value))
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, Decimal):
        return {"valueDecimal": value}
    return {"valueInteger": value} if isinstance(value, int) else {"valueString": value}


def _coded(item: QuestionItem, code: str) -> Resource:
    return {"valueCoding": {"system": ANSWERS, "code": code, "display": item.option(code).words.en}}


def patient_resource(subject: str, *, active: bool) -> Resource:
    """A participant by the study number alone: no name, no birth date, no sex."""
    return {
        "resourceType": "Patient",
        "id": subject,
        "identifier": [{"system": f"{URN}:participant", "value": subject}],
        "active": active,
    }


def _observation(subject: str, identifier: str, code: Mapping[str, Any], at: datetime | date, status: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": identifier,
        "status": status,
        "code": dict(code),
        "subject": {"reference": f"Patient/{subject}"},
        "effectiveDateTime": at.isoformat(),
    }


def observation_resource(
    subject: str,
    identifier: str,
    *,
    loinc: str,
    words: str,
    value: Decimal,
    unit: str,
    at: datetime,
    voided: bool = False,
    source: str | None = None,
) -> Resource:
    """An Observation of a lab value or measurement. Voided: entered-in-error; ``source``: the response it is from."""
    code = {"coding": [{"system": LOINC, "code": loinc}], "text": words}
    status = "entered-in-error" if voided else "final"
    quantity = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    told = {"derivedFrom": [{"reference": source}]} if source else {}
    return {**_observation(subject, identifier, code, at, status), "valueQuantity": quantity, **told}


def assessment_resource(
    subject: str,
    identifier: str,
    *,
    stages: Mapping[str, int | None],
    grade: str | None,
    at_least: str,
    on: date,
    signed: bool,
    version: int,
) -> Resource:
    """A clinician's organ stages and overall grade. An organ that was not assessed says so; it is never 0."""
    code = {"coding": [{"system": SNOMED, "code": "402355000"}], "text": "Acute GVHD, MAGIC organ stages and grade"}
    status = ("amended" if version > 1 else "final") if signed else "preliminary"
    grades = [("grade", grade), ("at-least", at_least)]
    components = [
        *(_component(organ, {} if stage is None else {"valueInteger": stage}) for organ, stage in stages.items()),
        *(_component(name, {} if value is None else {"valueString": value}) for name, value in grades),
    ]
    return {**_observation(subject, identifier, code, on, status), "component": components}


def _component(name: str, value: Resource) -> Resource:
    absent = {"dataAbsentReason": {"text": "not assessed"}}
    return {"code": {"coding": [{"system": STAGES, "code": name}]}, **(value or absent)}


def provenance_resource(
    target: str, identifier: str, *, who: str, at: datetime, meaning: str, content_hash: str
) -> Resource:
    """Who signed a resource, as its Provenance; the hash of what was signed is the signature's data."""
    signer = {"display": who}
    instant = at.isoformat()
    kind = {"system": f"{URN}:code-system:signature-meaning", "code": meaning}
    data = base64.b64encode(bytes.fromhex(content_hash)).decode()
    return {
        "resourceType": "Provenance",
        "id": identifier,
        "target": [{"reference": target}],
        "recorded": instant,
        "agent": [{"who": signer}],
        "signature": [{"type": [kind], "when": instant, "who": signer, "data": data}],
    }


def ndjson_line(resource: Resource) -> str:
    """One line of NDJSON."""
    return json.dumps(resource, ensure_ascii=False, separators=(",", ":"), default=float) + "\n"
