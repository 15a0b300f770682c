"""Pauses and ends: texts stop, accounts close, and life may take it back."""

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.participation import ParticipationStatus, ParticipationStepKind
from portal.extensions import db, transaction
from portal.models.people import Account, Participant
from portal.services import accounts, participation, triage
from tests.support.diaries import hire, red, report
from tests.support.messages import SEVEN, TellingSender, change_accounts, ledger, plan, reachable, send
from tests.support.people import NOW, TODAY, at_site, enrol

MINUTE = timedelta(minutes=1)
LAST_WORD = "今后不再给您发送消息"
ENDS = [
    ParticipationStepKind.WITHDRAW,
    ParticipationStepKind.LOSE,
    ParticipationStepKind.DIE,
    ParticipationStepKind.COMPLETE,
]
BACK = TODAY + timedelta(days=3)


def take(actor: Actor, step: ParticipationStepKind, reason: str = "told by phone", now=NOW) -> None:  # type: ignore[no-untyped-def]
    with transaction() as session:
        participation.take_participation_step(
            session, actor=actor, study_number="RJ-001", step=step, reason=reason, now=now
        )


def stay(actor: Actor, diary: str = "paused", until_on: date = BACK) -> None:
    with transaction() as session:
        participation.record_stay(
            session, actor=actor, study_number="RJ-001", diary=diary, until_on=until_on, reason="fever", now=NOW
        )


def resume(now) -> int:  # type: ignore[no-untyped-def]
    with transaction() as session:
        return participation.resume_due_participants(session, now=now)


def status() -> str:
    db.session.expire_all()
    return db.session.query(Participant.status).scalar()


def own(person: Participant, role: Role = Role.PARTICIPANT) -> Actor:
    return Actor("account", role, person.accounts[0].id, person.id)


@pytest.mark.parametrize("end", ENDS)
def test_an_end_takes_off_what_is_planned_and_sends_nothing_more(
    core: Flask, sender: TellingSender, end: ParticipationStepKind
) -> None:
    reachable()
    plan()
    take(hire(), end)
    plan()
    send(SEVEN)
    assert [body for _, body in sender.sent if LAST_WORD not in body] == []
    assert {(row.state, row.reason) for row in ledger("diary-reminder")} == {("suppressed", "status")}


@pytest.mark.parametrize("end", ENDS)
def test_an_end_closes_every_account(core: Flask, end: ParticipationStepKind) -> None:
    person = enrol()
    change_accounts(person.id, pin_hash="x", activated_at=NOW)
    account = person.accounts[0]
    take(hire(), end)
    assert accounts.find_user(db.session, kind="account", id_=account.id, epoch=0) is None
    assert accounts.find_user(db.session, kind="account", id_=account.id, epoch=1) is None
    with transaction() as session, pytest.raises(Conflict):
        accounts.issue_card(session, actor=SYSTEM, account_id=account.id, now=NOW)


def test_a_pause_stops_reminders_and_ends_by_itself_on_its_day(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    stay(hire())
    send(SEVEN)
    assert (status(), sender.sent) == ("paused", [])
    assert (resume(SEVEN), status()) == (0, "paused")
    assert (resume(NOW + timedelta(days=3)), status()) == (1, "active")
    send(SEVEN + timedelta(days=3))
    assert len(sender.sent) == 1


def test_a_paused_participant_is_not_silent(core: Flask) -> None:
    enrol()
    listed = triage.list_without_recent_diary(db.session, actor=at_site("RJ"), now=NOW)
    stay(hire())
    assert len(listed) == 1
    assert triage.list_without_recent_diary(db.session, actor=at_site("RJ"), now=NOW) == ()


def test_a_diary_kept_on_the_ward_pauses_nothing(core: Flask) -> None:
    enrol()
    stay(hire(), "ward")
    assert status() == "active"


def test_a_red_stays_open_after_the_end(core: Flask) -> None:
    report(enrol(), [red()])
    take(hire(), ParticipationStepKind.WITHDRAW)
    assert len(triage.list_open_episodes(db.session, actor=at_site("RJ"), now=NOW)) == 1


def test_leaving_needs_no_reason_and_is_in_the_history(core: Flask) -> None:
    person, nurse = enrol(), hire()
    with transaction() as session:
        participation.withdraw_consent(session, actor=own(person), reason="", now=NOW)
    seen = participation.get_participation_overview(db.session, actor=nurse, study_number="RJ-001")
    assert (seen.status, [(one.kind, one.by) for one in seen.history]) == ("withdrawn", [("withdraw", "participant")])


def test_a_caregiver_cannot_leave_for_the_participant(core: Flask) -> None:
    person = enrol()
    with transaction() as session, pytest.raises(NotAllowed):
        participation.withdraw_consent(session, actor=own(person, Role.CAREGIVER), reason="", now=NOW)


def test_only_an_investigator_takes_back_a_death(core: Flask) -> None:
    enrol()
    nurse = hire()
    take(nurse, ParticipationStepKind.DIE)
    with pytest.raises(NotAllowed):
        take(nurse, ParticipationStepKind.REINSTATE)
    take(hire("Wang", role=Role.INVESTIGATOR), ParticipationStepKind.REINSTATE, "wrong person")
    assert status() == "active"


def test_a_step_needs_a_reason_and_a_stay_a_day_ahead(core: Flask) -> None:
    enrol()
    nurse = hire()
    with pytest.raises(Invalid):
        take(nurse, ParticipationStepKind.LOSE, " ")
    with pytest.raises(Invalid):
        stay(nurse, until_on=TODAY)


def test_another_site_sees_and_does_nothing(core: Flask) -> None:
    enrol()
    with pytest.raises(NotFound):
        take(hire(sites=["SH"]), ParticipationStepKind.DIE)


@given(st.lists(st.tuples(st.sampled_from(ParticipationStepKind), st.integers(0, 120)), max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_is_sent_to_somebody_who_has_left(core: Flask, sender: TellingSender, life) -> None:  # type: ignore[no-untyped-def]
    """Whatever is done in whatever order: but for the last word, the sender is called only while they are active."""
    number = db.session.query(Participant).count() + 1
    reachable(number)
    doctor, now = hire(f"Doctor {number}", role=Role.INVESTIGATOR), SEVEN - timedelta(minutes=30)
    state = ParticipationStatus.ACTIVE
    plan(now)
    for step, minutes in life:
        now += timedelta(minutes=minutes)
        try:
            with transaction() as session:
                participation.take_participation_step(
                    session, actor=doctor, study_number=f"RJ-{number:03}", step=step, reason="r", now=now
                )
        except (Conflict, NotAllowed):
            db.session.rollback()
        state = ParticipationStatus(
            db.session.query(Participant.status).filter_by(study_number=f"RJ-{number:03}").scalar()
        )
        before = reminders_to(number, sender)
        plan(now)
        send(now)
        after = reminders_to(number, sender)
        assert after == before or state is ParticipationStatus.ACTIVE


def reminders_to(number: int, sender: TellingSender) -> int:
    return sum(phone == f"+861380013{number:04}" and LAST_WORD not in body for phone, body in sender.sent)


def companion(**changes: object) -> accounts.Companion:
    facts = {"role": Role.CAREGIVER, "name": "王芳", "phone": "138 0013 9999", "language": "zh-CN"}
    return accounts.Companion(**{**facts, **changes})  # type: ignore[arg-type]


def invite(actor: Actor, **changes: object) -> int:
    with transaction() as session:
        return accounts.add_companion_account(
            session, actor=actor, study_number="RJ-001", companion=companion(**changes), now=NOW
        )


def test_a_caregiver_is_invited_and_loses_access_again(core: Flask) -> None:
    enrol()
    nurse = hire()
    id_ = invite(nurse)
    change_accounts(1, pin_hash="x", activated_at=NOW)
    assert accounts.find_user(db.session, kind="account", id_=id_, epoch=0) is not None
    with transaction() as session:
        accounts.revoke_access(session, actor=nurse, study_number="RJ-001", account_id=id_, now=NOW)
    account = db.session.get_one(Account, id_)
    assert (account.pin_hash, account.reminders_on, account.epoch) == (None, False, 1)
    assert invite(nurse) != id_


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "name"), ({"phone": "x"}, "phone"), ({"phone": "13800130001"}, "phone"),
     ({"role": Role.COORDINATOR}, "role"), ({"language": "fr"}, "language")],
)  # fmt: skip
def test_an_invitation_names_what_is_wrong(core: Flask, changes: dict[str, object], field: str) -> None:
    enrol()
    with pytest.raises(Invalid) as refused:
        invite(hire(), **changes)
    assert list(refused.value.problems) == [field]
