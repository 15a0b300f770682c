"""No service answers somebody who may not see the participant: every role, another site, another one's account."""

import tempfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
from flask import Flask
from sqlalchemy import update

from portal.domain.access import STAFF_ROLES, SYSTEM, Actor, Permission, Role
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.messages import MessageKind, MessageState
from portal.extensions import db, transaction
from portal.models.infusions import Infusion, Visit
from portal.models.messages import Message
from portal.models.people import Participant
from portal.services import audit, scope
from tests.support import people
from tests.support.diaries import hire
from tests.support.foreign_cases import ASKED_AT, CASES
from tests.support.people import NOW, acting_for, at_site, enrol
from tests.support.service_functions import functions_called_from, parameters_of
from tests.support.web.role_world import BESIDE, HERE, OWN, Somebody, build

FAR: Final = "SH"  # a site at which nobody takes part, so that its lists are empty
ACCOUNT_ROLES: Final = (Role.PARTICIPANT, Role.GUARDIAN, Role.CAREGIVER)

THE_ACCOUNT_ITSELF: Final = "of the account that acts, whoever it is; nobody else can be named"
THE_STAFF_ITSELF: Final = "of the member of staff who acts; nobody else can be named"
SIGNING_IN: Final = "what is typed or tapped proves itself: nobody is known yet"
THE_STUDY: Final = "the whole study's, about nobody"
OPERATORS: Final = "a command or job of the server's operators, never a page"

# The same for everybody who may call it at all, because it names nobody.
NAMES_NOBODY: Final = {
    "accounts.cards.activate_account": SIGNING_IN,
    "accounts.cards.check_card": SIGNING_IN,
    "accounts.forgotten.check_code": SIGNING_IN,
    "accounts.forgotten.request_code": SIGNING_IN,
    "accounts.forgotten.reset_pin": SIGNING_IN,
    "accounts.magic_links.use_day_link": SIGNING_IN,
    "accounts.remembered_devices.sign_in_remembered_phone": SIGNING_IN,
    "accounts.remembered_devices.list_remembered_phones": THE_ACCOUNT_ITSELF,
    "accounts.remembered_devices.remember_phone": THE_ACCOUNT_ITSELF,
    "accounts.settings.change_pin": THE_ACCOUNT_ITSELF,
    "accounts.settings.confirm_pin": THE_ACCOUNT_ITSELF,
    "accounts.settings.set_language": THE_ACCOUNT_ITSELF,
    "accounts.settings.set_reminders": THE_ACCOUNT_ITSELF,
    "accounts.settings.get_account_settings": THE_ACCOUNT_ITSELF,
    "accounts.settings.sign_out_everywhere": THE_ACCOUNT_ITSELF,
    "accounts.signing_in.record_sign_out": THE_ACCOUNT_ITSELF,
    "accounts.signing_in.sign_in_account": SIGNING_IN,
    "team.signing_in.sign_in_staff": SIGNING_IN,
    "allocation.import_allocation_list": THE_STUDY,
    "calendar_feed.get_feed_created_at": THE_ACCOUNT_ITSELF,
    "calendar_feed.create_feed_address": THE_ACCOUNT_ITSELF,
    "calendar_feed.revoke_feed_address": THE_ACCOUNT_ITSELF,
    "calendar_feed.render_own_calendar": THE_ACCOUNT_ITSELF,
    "diary.asking.form_of_draft": THE_ACCOUNT_ITSELF,
    "diary.asking.own_form": THE_ACCOUNT_ITSELF,
    "diary.calls.get_call_now": THE_ACCOUNT_ITSELF,
    "diary.contradicted.list_contradicted_reds": THE_ACCOUNT_ITSELF,
    "diary.contradicted.record_own_call": THE_ACCOUNT_ITSELF,
    "diary.keeping.keep_report": THE_ACCOUNT_ITSELF,
    "diary.saving.get_draft": THE_ACCOUNT_ITSELF,
    "diary.saving.save_draft_page": THE_ACCOUNT_ITSELF,
    "diary.unsent.take_back_red": THE_ACCOUNT_ITSELF,
    "diary.reading.get_today_status": THE_ACCOUNT_ITSELF,
    "diary.reading.list_diaries": THE_ACCOUNT_ITSELF,
    "diary.receiving.get_device_facts": THE_ACCOUNT_ITSELF,
    "diary.receiving.receive_queued_diary": THE_ACCOUNT_ITSELF,
    "diary.submitting.submit_diary": THE_ACCOUNT_ITSELF,
    "diary.trends.get_trends": THE_ACCOUNT_ITSELF,
    "diary_questions.list_unanswered_questions": THE_ACCOUNT_ITSELF,
    "exports.making.record_export": THE_STAFF_ITSELF,
    "infusions.calendar.get_calendar_month": THE_ACCOUNT_ITSELF,
    "infusions.participant_changes.mark_changes_seen": THE_ACCOUNT_ITSELF,
    "infusions.participant_changes.get_appointment_outlook": THE_ACCOUNT_ITSELF,
    "keys.rotate_keys": OPERATORS,
    "own_data.make_copy": THE_ACCOUNT_ITSELF,
    "own_data.may_copy": THE_ACCOUNT_ITSELF,
    "own_data.get_overview": THE_ACCOUNT_ITSELF,
    "own_data.list_pictures": THE_ACCOUNT_ITSELF,
    "participation.withdraw_consent": THE_ACCOUNT_ITSELF,
    "photos.add_photo": THE_ACCOUNT_ITSELF,
    "photos.count_photos": THE_ACCOUNT_ITSELF,
    "replay.running.record_replay": THE_STAFF_ITSELF,
    "retention.erase_due": OPERATORS,
    "team.invitations.accept_invitation": SIGNING_IN,
    "team.invitations.renew_own_access": THE_STAFF_ITSELF,
    "team.members.change_password": THE_STAFF_ITSELF,
    "team.reauthentication.confirm_staff": THE_STAFF_ITSELF,
    "team.recovery.count_codes_left": THE_STAFF_ITSELF,
    "team.recovery.renew_recovery_codes": THE_STAFF_ITSELF,
    "team.staff.create_staff": OPERATORS,
    "triage.reading.list_latest_episodes": THE_ACCOUNT_ITSELF,
    "upkeep.record_backup": OPERATORS,
}
ASKED: Final = {
    name: one for name, one in functions_called_from("web", "cli", "jobs.py").items() if "actor" in parameters_of(one)
}


class Undone(Exception):
    """Ends a transaction, so that nothing of a try stays."""


def test_every_service_that_is_told_who_asks_has_a_case_or_names_nobody() -> None:
    assert set(ASKED) == CASES.keys() | NAMES_NOBODY.keys()
    assert not CASES.keys() & NAMES_NOBODY.keys()


def test_no_service_answers_about_somebody_of_another_site_or_of_another_account(core: Flask, tmp_path: Path) -> None:
    world = build(tmp_path)
    _everything_that_lists_show(world[OWN])
    asked_about = _ids(world[OWN], tmp_path)
    strangers = [hire(f"Far {role}", role=role, sites=(FAR,)) for role in STAFF_ROLES]
    strangers += [_account(world[BESIDE], role) for role in ACCOUNT_ROLES]
    here = frozenset({HERE})
    colleagues = [Actor("staff", role, people.hire(role, sites=here), sites=here) for role in STAFF_ROLES]
    colleagues += [_account(world[OWN], role) for role in ACCOUNT_ROLES]
    answered = [
        f"{name} to {one.kind} {one.role}"
        for name in CASES
        for one in strangers
        if _is_answered(name, asked_about, one)
    ]
    assert answered == []
    # And it is the stranger, not the question, who is refused.
    assert [name for name in CASES if not any(_is_answered(name, asked_about, one) for one in colleagues)] == []


def _is_answered(name: str, asked_about: SimpleNamespace, visitor: Actor) -> bool:
    case = CASES[name]
    try:
        found = _call(name, {**case.given(asked_about), "actor": visitor})
    except (NotFound, NotAllowed):
        return False
    except Invalid as fault:
        return case.problem not in fault.problems
    except Conflict:
        return True
    return case.empty is None or not case.empty(found, asked_about)


def _call(name: str, given: dict[str, Any]) -> Any:
    """What the service returns; what it wrote is undone."""
    function = ASKED[name]
    now = {"now": ASKED_AT} if "now" in parameters_of(function) else {}
    if name == "replay.running.replay_rules":  # brings its own transaction, which refuses to write
        return function(db.session, **given)
    found = None
    try:
        with transaction() as session:
            found = function(session, **given, **now)
            raise Undone
    except Undone:
        return found


def _account(person: Somebody, role: Role) -> Actor:
    return Actor("account", role, person.accounts[role], _participant(person).id)


def _participant(person: Somebody) -> Participant:
    db.session.rollback()
    return scope.find_participant(db.session, SYSTEM, person.number)


def _ids(person: Somebody, files: Path) -> SimpleNamespace:
    return SimpleNamespace(
        **person.ids,
        participant_id=_participant(person).id,
        code=person.cards[Role.PARTICIPANT],
        client_id="c-1",
        files=files,
        folder=lambda: Path(tempfile.mkdtemp(dir=files)),
    )


def _everything_that_lists_show(person: Somebody) -> None:
    """A text that went and may have gone twice, one that reached no phone, a visit that deviates, an infusion due
    today, and somebody whose diaries are missing."""
    enrol(50, day=20)
    participant_id = _participant(person).id
    account_id = person.accounts[Role.GUARDIAN]
    text = {
        "participant_id": participant_id, "account_id": account_id, "recipient": f"account:{account_id}",
        "kind": MessageKind.DIARY_REMINDER, "template_version": 1, "language": "en", "not_before_at": NOW,
        "expires_at": NOW + timedelta(hours=5), "created_at": NOW,
    }  # fmt: skip
    sent = {"state": MessageState.SENT, "sent_at": NOW, "uncertain_at": NOW}
    failed = {"state": MessageState.FAILED, "final_at": NOW, "reason": "unreachable"}
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:add", now=NOW, participant_id=participant_id)
        session.add(Message(**text, **sent, dedupe_key="sent", token="sent"))
        session.add(Message(**text, **failed, dedupe_key="failed", token="failed"))
        session.execute(update(Visit).where(Visit.id == person.ids["visit_id"]).values(reason="late"))
        session.execute(update(Infusion).where(Infusion.id == person.ids["infusion_id"]).values(planned_at=NOW))


@pytest.mark.usefixtures("core")
def test_a_participant_is_found_by_staff_of_the_site_and_by_the_system_alone() -> None:
    person = enrol()
    for actor in (at_site("RJ"), at_site("SH", "RJ"), SYSTEM):
        assert scope.find_participant(db.session, actor, "RJ-001") is person
        assert scope.find_participant_where(db.session, actor, Participant.id == person.id) is person
    for actor in (at_site("SH"), at_site(), acting_for(person)):
        with pytest.raises(NotFound):
            scope.find_participant(db.session, actor, "RJ-001")


@pytest.mark.usefixtures("core")
def test_a_participant_who_is_not_there_is_not_found_even_by_the_system() -> None:
    with pytest.raises(NotFound):
        scope.find_participant(db.session, SYSTEM, "RJ-404")


@pytest.mark.usefixtures("core")
def test_the_permission_is_asked_only_where_the_participant_may_be_seen() -> None:
    enrol()
    acting = Permission.TRIAGE_ACT
    with pytest.raises(NotAllowed):
        scope.find_participant(db.session, at_site("RJ", role=Role.MONITOR), "RJ-001", permission=acting)
    with pytest.raises(NotFound):
        scope.find_participant(db.session, at_site("SH", role=Role.MONITOR), "RJ-001", permission=acting)


@pytest.mark.usefixtures("core")
def test_an_account_finds_its_own_participant_and_nobody_else_has_one() -> None:
    person = enrol()
    assert scope.find_own_participant(db.session, acting_for(person)) is person
    assert scope.find_own_participant(db.session, acting_for(person), lock=True) is person
    for actor in (at_site("RJ"), SYSTEM, Actor("account", Role.GUARDIAN, 1, participant_id=404)):
        with pytest.raises(NotFound):
            scope.find_own_participant(db.session, actor)
