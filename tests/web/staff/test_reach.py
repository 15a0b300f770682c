"""How a participant is reached: by which number, whether at all, and what went there."""

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models.messages import Message
from portal.models.people import Account, Participant
from portal.models.tasks import Task
from portal.services import messages
from tests.support.messages import FAILED, add_planned, change_accounts, plan, receive
from tests.support.people import NOW, enrol
from tests.support.web.visitor import Visitor

PATH = "/staff/participants/RJ-001/texts"
NUMBER = "/staff/participants/RJ-001/number"


def account(participant: Participant) -> Account:
    return db.session.get_one(Account, participant.accounts[0].id, populate_existing=True)


def test_reminders_are_switched_off_and_on_for_somebody_on_the_phone(
    coordinator: Visitor, participant: Participant
) -> None:
    coordinator.submit(PATH, action=f"{PATH}/off", why="rang today")
    assert (account(participant).reminders_on, account(participant).reminders_set_by) == (False, "staff")
    page = coordinator.visit(PATH)
    assert page.says("Reminders are off.")
    assert page.says("by staff, on the phone")
    coordinator.submit(PATH, action=f"{PATH}/on", why="rang again")
    assert account(participant).reminders_on


@pytest.mark.parametrize(
    ("action", "said"), [(f"{PATH}/off", "Please give the reason."), (NUMBER, "Enter a phone number.")]
)
def test_what_is_missing_is_named_at_its_field(
    coordinator: Visitor, participant: Participant, action: str, said: str
) -> None:
    answer = coordinator.submit(PATH, action=action)
    assert (answer.status_code, said in answer.text) == (422, True)


def test_another_number_takes_the_reminder_and_ends_the_task(coordinator: Visitor, participant: Participant) -> None:
    change_accounts(participant.id, activated_at=NOW)
    plan()
    fail_one()
    answer = coordinator.submit(PATH, action=NUMBER, phone="139 0013 9999", why_number="rang")
    assert answer.location == PATH
    assert account(participant).phone == "+8613900139999"
    assert coordinator.visit(PATH).says("+86…9999")
    task = db.session.scalars(select(Task)).one()
    assert (task.kind, task.closed_how) == ("unreachable-phone", "number")
    assert coordinator.visit(f"/staff/tasks/{task.id}").says("by another number")


def fail_one() -> None:
    from portal.extensions import transaction

    with transaction() as session:
        token = session.scalars(select(Message.token).order_by(Message.id)).first() or ""
        messages.record_status(
            session, token=token, provider_id="SM1", status="undelivered", error_code="30005", now=NOW
        )


@pytest.mark.parametrize(("phone", "said"), [("12", "for example"), ("138 0013 0002", "belongs to another account")])
def test_a_number_that_cannot_be_is_asked_for_again_with_what_was_typed(
    coordinator: Visitor, participant: Participant, phone: str, said: str
) -> None:
    enrol(2)
    answer = coordinator.submit(PATH, action=NUMBER, phone=phone, why_number="rang")
    assert (answer.status_code, said in answer.text, phone in answer.text) == (422, True, True)


def test_every_text_about_the_participant_stands_there(coordinator: Visitor, participant: Participant) -> None:
    add_planned(participant, "1", **FAILED, final_at=NOW)
    page = coordinator.visit(PATH)
    assert page.says("the phone could not be reached")


def test_another_sites_participant_is_not_there(coordinator: Visitor, participant: Participant) -> None:
    theirs = enrol(2, site="XX").accounts[0].id
    given = {"account_id": str(theirs), "phone": "139 0013 9999", "why_number": "rang"}
    assert coordinator.get("/staff/participants/RJ-002/texts").status_code == 404
    assert coordinator.submit(PATH, action=NUMBER, **given).status_code == 404


def test_what_nobody_has_read_is_told_on_the_home_page(coordinator: Visitor, participant: Participant) -> None:
    assert not coordinator.visit("/staff/triage").says("that nobody has read")
    receive("I feel dizzy", provider_id="SM1")
    assert coordinator.visit("/staff/triage").says("1 text from a participant that nobody has read")
