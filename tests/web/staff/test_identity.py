"""Correcting a name or a date of birth, which participants have a right to."""

import pytest

from portal.extensions import db
from portal.models.people import Participant
from portal.services import audit
from tests.support.web.visitor import Page, Visitor

PATH = "/staff/participants/RJ-001/identity"
WHY = "The participant, with the passport, today"


def person() -> Participant:
    db.session.rollback()
    return db.session.query(Participant).one()


def test_a_name_and_a_birthday_are_corrected_with_old_value_and_reason(
    coordinator: Visitor, participant: Participant
) -> None:
    answer = coordinator.submit(PATH, name="王晓明", born_on="1992-03-15", why=WHY)
    assert answer.location == "/staff/participants/RJ-001"
    found = person()
    assert (found.name, found.born_on, found.accounts[0].name) == ("王晓明", "1992-03-15", "王晓明")
    change = audit.list_row_changes(db.session, entity="participant", entity_id=found.id)[-1]
    assert change.fields == {"name": ("王小明", "王晓明"), "born_on": ("1992-03-14", "1992-03-15")}
    assert (change.action, change.reason) == ("identifiers:correct", WHY)


def test_what_is_left_empty_stays_and_nothing_is_shown_before(coordinator: Visitor, participant: Participant) -> None:
    assert "王小明" not in coordinator.get(PATH).text
    coordinator.submit(PATH, name="王晓明", why=WHY)
    assert (person().name, person().born_on) == ("王晓明", "1992-03-14")


@pytest.mark.parametrize(
    ("typed", "words"),
    [({"why": WHY}, "Enter the name or the date of birth."), ({"name": "王"}, "Please give the reason."),
     ({"born_on": "2030-01-01", "why": WHY}, "Enter a day that has been.")],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(
    coordinator: Visitor, participant: Participant, typed: dict[str, str], words: str
) -> None:
    answer = coordinator.submit(PATH, **typed)
    assert (answer.status_code, Page(answer.text).says(words), person().name) == (422, True, "王小明")


def test_the_link_stands_beside_the_name(coordinator: Visitor, participant: Participant) -> None:
    answer = coordinator.submit("/staff/participants/RJ-001", action="/staff/participants/RJ-001/identifiers")
    assert PATH in Page(answer.text).links
