"""Whatever a phone sends: refused with problems at named questions, or stored, read back equal, and sound FHIR."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from portal import questionnaires
from portal.adapters import fhir
from portal.domain.errors import Invalid
from portal.domain.questionnaire import QuestionItem, answers_from_json, enabled_items, is_enabled, normalize_answer
from portal.extensions import db, transaction
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.services import diary
from portal.services.diary.forms import form_by_name
from tests.support.answers import WELL, submission, themselves
from tests.support.people import NOW, enrol

FORM = form_by_name("daily-diary.v1")
LINK_IDS = {item.link_id for item in FORM.items}
FILE = json.loads((Path(questionnaires.FOLDER) / "daily-diary.v1.json").read_text(encoding="utf-8"))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 50),
    st.text(max_size=5),
    st.just(()),
    st.just(Decimal("NaN")),
    st.just({}),
)


def good(item: QuestionItem) -> st.SearchStrategy[Any]:
    """An answer of the right kind."""
    low, high = int(item.minimum), int(item.maximum)
    places = Decimal(1).scaleb(-item.max_decimals)
    some_codes = st.lists(st.sampled_from(item.codes), min_size=1, unique=True) if item.codes else st.just([])
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "integer": st.integers(low, min(high, low + 12)),
        "decimal": st.integers(low * 10, high * 10).map(lambda tenths: (Decimal(tenths) / 10).quantize(places)),
        "score": st.sampled_from([option.score for option in item.options] or [0]),
        "choice": st.sampled_from(item.codes or ("",)),
        "multi-choice": some_codes.map(tuple),
        "body-map": st.dictionaries(
            st.sampled_from([region.code for region in item.regions] or [""]),
            st.sampled_from(item.codes or ("",)),
            min_size=1,
        ),
        "text": st.text("绿ab ,.\n", min_size=1, max_size=20),
        "attachment": st.none(),
    }
    return kinds[item.kind]


@st.composite
def answer_sets(draw: st.DrawFn) -> dict[str, Any]:
    """Mostly right, sometimes odd, often about questions that are not asked."""
    answers = {item.link_id: draw(good(item)) for item in FORM.items if item.kind != "attachment"}
    for link_id in draw(st.lists(st.sampled_from(sorted(answers)), max_size=2, unique=True)):
        answers[link_id] = draw(ODD)
    if draw(st.booleans()):
        answers.update({key: draw(st.sampled_from([WELL[key], answers[key]])) for key in WELL})
    return {key: value for key, value in answers.items() if value is not None}


@pytest.fixture
def person(core: Flask) -> Participant:
    return enrol()


def store(person: Participant, answers: dict[str, Any]) -> Diary:
    report = submission(client_id=str(uuid4()))
    report.answers.clear()
    report.answers.update(answers)
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        stored = diary.submit_diary(session, actor=actor, submission=report, now=NOW)
    return db.session.get_one(Diary, stored.diary_id)


def outcome(person: Participant, answers: dict[str, Any]) -> Diary | Invalid:
    try:
        return store(person, answers)
    except Invalid as refused:
        return refused


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=answer_sets())
def test_any_answers_are_refused_by_name_or_kept_as_they_were(person: Participant, answers: dict[str, Any]) -> None:
    row = outcome(person, answers)
    event(type(row).__name__)
    if isinstance(row, Invalid):
        assert row.problems
        assert set(row.problems) <= LINK_IDS
        return
    kept = {**answers_from_json(FORM, row.answers), **(row.free_text or {})}
    asked = {item.link_id: item for item in enabled_items(FORM, answers)}
    given_ = {key: value for key, value in answers.items() if key in asked and value not in ("", (), {})}
    assert kept == {key: normalize_answer(asked[key], value) for key, value in given_.items()}
    assert all(is_enabled(FORM.item(link_id), kept) for link_id in kept)
    assert set(row.skipped) == LINK_IDS - set(asked)
    about = fhir.ResponseContext(str(row.id), "RJ-001", row.answered_by, row.entered_at, row.language)
    resource = fhir.validate_resource(fhir.questionnaire_response(FORM, kept, about=about))
    assert set(fhir.link_ids(resource)) <= set(fhir.link_ids(FILE))
