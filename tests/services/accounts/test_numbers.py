"""Another number: texts follow it, and only whoever never said no gets them."""

import pytest
from flask import Flask

from portal.domain.access import Actor, Role
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.extensions import transaction
from portal.services import accounts
from tests.support.diaries import hire
from tests.support.messages import SEVEN, TellingSender, change_accounts, ledger, plan, reachable, send
from tests.support.people import NOW

NEW = "139 0013 9999"


def change(actor: Actor, phone: str = NEW, *, reason: str = "rang", account_id: int = 1) -> None:
    with transaction() as session:
        accounts.change_phone(
            session, actor=actor, study_number="RJ-001", account_id=account_id, phone=phone, reason=reason, now=NOW
        )


def test_what_is_planned_goes_to_the_new_number(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    change(hire())
    send(SEVEN)
    assert [to for to, _ in sender.sent] == ["+8613900139999"]


@pytest.mark.parametrize(("set_by", "rows"), [(None, 1), ("text", 0)], ids=["never-asked", "said-no"])
def test_who_had_no_number_gets_reminders_unless_they_said_no(core: Flask, set_by: str | None, rows: int) -> None:
    person = reachable()
    change_accounts(person.id, phone=None, phone_index=None, reminders_on=False, reminders_set_by=set_by)
    change(hire())
    assert len(ledger("diary-reminder")) == rows


@pytest.mark.parametrize(("phone", "reason"), [("x", "rang"), (NEW, " "), ("138 0013 0002", "rang")])
def test_a_number_needs_to_be_one_and_free_and_to_have_a_reason(core: Flask, phone: str, reason: str) -> None:
    reachable(1)
    reachable(2)
    with pytest.raises(Invalid):
        change(hire(), phone, reason=reason)


def test_only_who_acts_on_texts_may_and_only_for_that_participant(core: Flask) -> None:
    reachable(1)
    reachable(2)
    with pytest.raises(NotFound):
        change(hire(), account_id=2)
    with pytest.raises(NotAllowed):
        change(hire("Manager", role=Role.DATA_MANAGER))
