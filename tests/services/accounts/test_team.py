"""The study team's accounts: invited by a link that works once, changed and reset by an administrator, in the trail."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from portal.adapters import passwords as adapter
from portal.adapters import sms
from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.messages import Message
from portal.models.people import Staff
from portal.models.staff_access import RecoveryCode, StaffInvitation, StaffSession
from portal.services import team
from tests.support.people import NOW

PASSWORD = "correct horse battery staple"
OTHER = "seven lamps in the orchard"
RJ = frozenset({"RJ"})


def hire(role: Role = Role.COORDINATOR, email: str = "li.na@example.org") -> tuple[Actor, str]:
    with transaction() as session:
        made = team.create_staff(
            session, actor=SYSTEM, email=email, name="李娜", role=role, sites=RJ, password=PASSWORD, now=NOW
        )
    return Actor("staff", role, made.id, sites=RJ), made.totp_secret


@pytest.fixture
def boss(core: Flask) -> Actor:
    return hire(Role.ADMINISTRATOR, "boss@example.org")[0]


def invite(boss: Actor, *, now: datetime = NOW, **changes: Any) -> str:
    """The token of a fresh link."""
    values = {"email": "wu.lei@example.org", "name": "吴磊", "role": Role.MONITOR, "sites": RJ, "language": "en"}
    with transaction() as session:
        made = team.invite_staff(session, actor=boss, link=lambda token: token, now=now, **{**values, **changes})
    return made.link or ""


def accept(
    token: str, *, now: datetime = NOW, password: str = PASSWORD, code: str | None = None, secret: str = "B" * 32
) -> team.AcceptedInvitation | Mapping[str, str]:
    with transaction() as session:
        return team.accept_invitation(
            session, actor=SYSTEM, token=token, password=password, totp_secret=secret,
            code=pyotp.TOTP(secret).at(now) if code is None else code, now=now,
        )  # fmt: skip


def accepted(token: str, **changes: Any) -> team.AcceptedInvitation:
    done = accept(token, **changes)
    assert isinstance(done, team.AcceptedInvitation), done
    return done


def sign_in(email: str, code: str, *, password: str = PASSWORD, now: datetime = NOW) -> team.StaffUser | None:
    with transaction() as session:
        return team.sign_in_staff(session, actor=SYSTEM, email=email, password=password, code=code, now=now)


def wanted(**changes: Any) -> team.MemberChange:
    values = {"role": Role.COORDINATOR, "sites": RJ, "active": True, "name": "李娜", "phone": ""}
    return team.MemberChange(**{**values, **changes})


def change(boss: Actor, staff_id: int, reason: str = "moves to another ward", **changes: Any) -> None:
    with transaction() as session:
        team.change_member(session, actor=boss, staff_id=staff_id, wanted=wanted(**changes), reason=reason, now=NOW)


def last_action() -> str | None:
    return db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id.desc())).first()


def test_an_invitation_becomes_an_account_with_role_sites_and_eight_codes(boss: Actor) -> None:
    done = accepted(invite(boss))
    staff = db.session.get_one(Staff, done.staff_id)
    assert (staff.name, staff.role, staff.sites, staff.active) == ("吴磊", "monitor", ["RJ"], True)
    assert len(set(done.codes)) == 8
    assert staff.password_hash.startswith("$argon2id$")


def test_a_link_works_once(boss: Actor) -> None:
    token = invite(boss)
    accepted(token)
    with pytest.raises(Conflict):
        accept(token)


def test_a_link_ends_after_three_days(boss: Actor) -> None:
    token = invite(boss)
    assert team.read_invitation(db.session, token=token, now=NOW + timedelta(hours=71)) is not None
    with pytest.raises(Conflict):
        accept(token, now=NOW + timedelta(hours=72))


def test_a_second_invitation_to_an_address_voids_the_first(boss: Actor) -> None:
    first, second = invite(boss), invite(boss)
    with pytest.raises(Conflict):
        accept(first)
    assert accepted(second)


def test_a_link_can_be_withdrawn(boss: Actor) -> None:
    token = invite(boss)
    (open_one,) = team.list_open_invitations(db.session, actor=boss, now=NOW)
    with transaction() as session:
        team.revoke_invitation(session, actor=boss, invitation_id=open_one.id, now=NOW)
    with pytest.raises(Conflict):
        accept(token)


def test_neither_the_link_nor_the_codes_are_kept_in_clear(boss: Actor) -> None:
    token = invite(boss)
    done = accepted(token)
    kept = [bytes(one.token_hash) for one in db.session.scalars(select(StaffInvitation))]
    hashes = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert token.encode() not in b"".join(kept)
    assert all(one.startswith("$argon2id$") for one in hashes)
    assert not any(code in "".join(hashes) for code in done.codes)


def test_the_link_goes_by_e_mail_where_there_is_a_mail_server(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "has_channel", lambda _channel: True)
    with transaction() as session:
        made = team.invite_staff(
            session, actor=boss, email="wu.lei@example.org", name="吴磊", role=Role.MONITOR, sites=RJ, language="en",
            link=lambda token: f"https://portal.example/{token}", now=NOW,
        )  # fmt: skip
    row = db.session.scalars(select(Message)).one()
    assert made.link is None
    assert (row.kind, row.state) == ("staff-invitation", "planned")
    assert row.values is not None
    assert row.values["to"] == "wu.lei@example.org"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12"),
        ("P@ssw0rd2026!", "tried first"),
        ("wu.lei-and-more", "easy"),
        ("ruijin-hospital", "tried first"),
    ],
)
def test_a_password_that_others_would_try_is_refused(boss: Actor, password: str, why: str) -> None:
    done = accept(invite(boss), password=password)
    assert isinstance(done, Mapping)
    assert why in done["password"]


def test_an_app_that_shows_another_code_is_not_taken(boss: Actor) -> None:
    done = accept(invite(boss), code="000000")
    assert isinstance(done, Mapping)
    assert list(done) == ["code"]


def test_the_code_that_proved_the_app_does_not_sign_in(boss: Actor) -> None:
    accepted(invite(boss))
    later = NOW + timedelta(seconds=30)
    assert sign_in("wu.lei@example.org", pyotp.TOTP("B" * 32).at(NOW)) is None
    assert sign_in("wu.lei@example.org", pyotp.TOTP("B" * 32).at(later), now=later) is not None


def test_a_recovery_code_signs_in_once(boss: Actor) -> None:
    code = accepted(invite(boss)).codes[2]
    person = sign_in("wu.lei@example.org", code.lower())
    assert person is not None
    assert person.by_recovery
    assert last_action() == "staff:sign-in-recovery"
    assert team.count_codes_left(db.session, actor=Actor("staff", Role.COORDINATOR, person.id)) == 7
    assert sign_in("wu.lei@example.org", code) is None


def test_a_recovery_code_without_the_password_is_a_wrong_try(boss: Actor) -> None:
    done = accepted(invite(boss))
    assert sign_in("wu.lei@example.org", done.codes[0], password=OTHER) is None
    assert db.session.get_one(Staff, done.staff_id).failed_tries == 1
    assert team.count_codes_left(db.session, actor=Actor("staff", Role.COORDINATOR, done.staff_id)) == 8


@pytest.mark.parametrize("code", ["123456", "A" * 12])
def test_an_unknown_address_takes_as_much_work_as_a_known_one(
    boss: Actor, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    work: list[str] = []
    real_verify, real_step = adapter.verify_secret, adapter.totp_step
    monkeypatch.setattr(adapter, "verify_secret", lambda *one: work.append("hash") or real_verify(*one))
    monkeypatch.setattr(adapter, "totp_step", lambda *one, now: work.append("code") or real_step(*one, now=now))
    sign_in("boss@example.org", code, password=OTHER)
    known, work[:] = list(work), []
    sign_in("nobody@example.org", code, password=OTHER)
    assert work == known


def test_a_changed_role_is_in_the_trail_with_who_and_why(boss: Actor) -> None:
    actor, _ = hire()
    change(boss, actor.id or 0, role=Role.MONITOR)
    (newest, *_rest) = team.get_member(db.session, actor=boss, staff_id=actor.id or 0, now=NOW).changes
    assert newest.fields == (("role", "coordinator", "monitor"),)
    assert (newest.action, newest.reason, newest.by) == ("staff:change", "moves to another ward", "李娜")


def test_somebody_switched_off_is_out_at_once(boss: Actor) -> None:
    actor, secret = hire()
    person = sign_in("li.na@example.org", pyotp.TOTP(secret).at(NOW))
    assert person is not None
    with transaction() as session:
        token = team.open_session(session, person=person, label="Chrome", now=NOW)
    assert team.find_staff(db.session, token=token, now=NOW) is not None
    change(boss, actor.id or 0, active=False)
    assert team.find_staff(db.session, token=token, now=NOW) is None


def test_nobody_changes_an_account_of_their_own(boss: Actor) -> None:
    with pytest.raises(Conflict):
        change(boss, boss.id or 0, role=Role.INVESTIGATOR)


def test_only_an_administrator_of_all_their_sites_changes_somebody(boss: Actor) -> None:
    actor, _ = hire()
    elsewhere = Actor("staff", Role.ADMINISTRATOR, boss.id, sites=frozenset({"XX"}))
    with pytest.raises(NotFound):
        change(elsewhere, actor.id or 0)
    with pytest.raises(NotAllowed):
        change(actor, boss.id or 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sites": frozenset({"XX"})}, "sites"),
        ({"role": Role.PARTICIPANT}, "role"),
        ({"phone": "12"}, "phone"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_change_that_cannot_be_is_named_by_field(boss: Actor, changes: dict[str, Any], field: str) -> None:
    actor, _ = hire()
    with pytest.raises(Invalid) as refused:
        change(boss, actor.id or 0, **changes)
    assert list(refused.value.problems) == [field]


def test_a_reset_ends_the_old_password_and_app_at_once_and_the_link_makes_new_ones(boss: Actor) -> None:
    actor, secret = hire()
    with transaction() as session:
        made = team.invite_staff_again(
            session, actor=boss, staff_id=actor.id or 0, reason="came in person", link=lambda token: token, now=NOW
        )
    assert sign_in("li.na@example.org", pyotp.TOTP(secret).at(NOW)) is None
    assert accepted(made.link or "", password=OTHER).staff_id == actor.id
    later = NOW + timedelta(minutes=1)
    assert sign_in("li.na@example.org", pyotp.TOTP("B" * 32).at(later), password=OTHER, now=later) is not None


def test_a_new_app_of_ones_own_leaves_the_old_one_until_it_is_done(boss: Actor) -> None:
    actor, secret = hire()
    with transaction() as session:
        token = team.renew_own_access(session, actor=actor, now=NOW)
    assert sign_in("li.na@example.org", pyotp.TOTP(secret).at(NOW)) is not None
    accepted(token, password=OTHER)
    later = NOW + timedelta(minutes=1)
    assert sign_in("li.na@example.org", pyotp.TOTP(secret).at(later), now=later) is None


def test_a_sixth_browser_ends_the_session_that_was_quiet_for_longest(boss: Actor) -> None:
    actor, secret = hire()
    person = sign_in("li.na@example.org", pyotp.TOTP(secret).at(NOW))
    assert person is not None
    with transaction() as session:
        tokens = [
            team.open_session(session, person=person, label=str(place), now=NOW + timedelta(seconds=place))
            for place in range(6)
        ]
    later = NOW + timedelta(minutes=1)
    alive = [team.find_staff(db.session, token=token, now=later) is not None for token in tokens]
    assert alive == [False, True, True, True, True, True]
    assert len(team.list_sessions(db.session, actor=actor, staff_id=actor.id or 0, now=later)) == 5


def test_a_password_change_needs_the_old_one_and_ends_every_session(boss: Actor) -> None:
    actor, secret = hire()
    person = sign_in("li.na@example.org", pyotp.TOTP(secret).at(NOW))
    assert person is not None
    with transaction() as session:
        token = team.open_session(session, person=person, label="x", now=NOW)
        wrong = team.change_password(session, actor=actor, old=OTHER, new=OTHER, now=NOW)
        weak = team.change_password(session, actor=actor, old=PASSWORD, new="123456789012", now=NOW)
        done = team.change_password(session, actor=actor, old=PASSWORD, new=OTHER, now=NOW)
    assert (list(wrong), list(weak), done) == (["old"], ["new"], {})
    assert team.find_staff(db.session, token=token, now=NOW) is None
    assert db.session.scalars(select(StaffSession.ended_at)).one() is not None
