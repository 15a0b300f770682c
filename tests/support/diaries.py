"""Reports, flags and staff for tests, as sending a diary and inviting somebody would leave them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.alert_rules import Evidence, Flag, Organ, Severity
from portal.extensions import transaction
from portal.models.base import get_cipher
from portal.models.diary import Diary
from portal.models.people import Participant, Staff
from portal.services import audit, diary, triage
from portal.services.diary import SubmissionReceipt
from tests.support.answers import BLOODY, WELL, submission, themselves
from tests.support.people import NOW, TODAY

ESTIMATE: dict[str, Any] = {
    "skin": {"stage": 2, "days_known": 1, "days_wanted": 1, "possible_stage_4": False},
    "upper_gi": {"stage": 0, "days_known": 3, "days_wanted": 3, "possible_stage_4": False},
    "lower_gi": {"stage": 1, "days_known": 2, "days_wanted": 3, "possible_stage_4": False},
    "liver": {"stage": None, "days_known": 0, "days_wanted": 1, "possible_stage_4": False},
    "scale": "adult",
    "at_least": "II",
    "clinician_review": False,
}


def flag(rule: str = "rash-new", severity: Severity = Severity.AMBER, organ: Organ = Organ.SKIN) -> Flag:
    return Flag(rule, 1, severity, organ, Evidence("Redness or rash that was not in the last report"), (), rule)


def red(rule: str = "skin-blisters-red", organ: Organ = Organ.SKIN) -> Flag:
    return Flag(rule, 1, Severity.RED, organ, Evidence("Blisters on the skin"), (), rule)


def store_diary(session: Session, participant: Participant, *, on: date = TODAY, severity: str | None = None,
                now: datetime = NOW, answers: dict[str, Any] | None = None) -> Diary:  # fmt: skip
    diary = Diary(
        participant_id=participant.id,
        account_id=participant.accounts[0].id,
        answered_by="participant",
        client_id=str(uuid4()),
        diary_on=on,
        study_day=(on - participant.transplant_on).days,
        questionnaire="daily-diary.v1",
        protocol_version="1.0",
        language="zh-CN",
        entered_at=now,
        entered_offset_minutes=480,
        received_at=now,
        timing="on-time",
        answers=answers or {"skin-change": True},
        skipped=[],
        free_text=None,
        severity=severity,
        estimate=ESTIMATE,
    )
    session.add(diary)
    session.flush()
    return diary


def report(participant: Participant, flags: Sequence[Flag] = (), *, stage: int | None = None, on: date | None = None,
           now: datetime = NOW, answers: dict[str, Any] | None = None) -> tuple[triage.RaisedEpisode, ...]:  # fmt: skip
    """One report sent and judged, in its own transaction."""
    on = on or (now + timedelta(hours=8)).date()
    severity = max(flags, key=lambda one: one.severity.rank).severity if flags else None
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="diary:submit", now=now, participant_id=participant.id)
        person = session.get_one(Participant, participant.id)
        diary = store_diary(session, person, on=on, severity=severity and str(severity), now=now, answers=answers)
        stages = {str(one.organ): stage for one in flags}
        return triage.raise_flags(session, participant=person, diary=diary, flags=flags, stages=stages, now=now)


def hire(name: str = "Li Na", *, role: Role = Role.COORDINATOR, sites: Sequence[str] = ("RJ",)) -> Actor:
    """A member of staff, ready to act."""
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="staff:create", now=NOW)
        email = f"{name.replace(' ', '.').lower()}@example.org"
        staff = Staff(
            email=email,
            email_index=get_cipher().blind_index("email", email),
            name=name,
            phone=None,
            role=str(role),
            sites=list(sites),
            language="en",
            password_hash="x",
            totp_secret="x",
            created_at=NOW,
        )
        session.add(staff)
        session.flush()
        return Actor(kind="staff", role=role, id=staff.id, sites=frozenset(sites))


def send(person: Participant, *, now: datetime = NOW, **answers: Any) -> SubmissionReceipt:
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        return diary.submit_diary(session, actor=actor, submission=submission(**answers), now=now)


LATER = NOW + timedelta(hours=2)


def correct(person: Participant, diary_id: int, *, now: datetime = LATER, reason: str = "I ticked the wrong box",
            **changes: Any) -> int:  # fmt: skip
    answers = {**WELL, **{key.replace("_", "-"): value for key, value in changes.items()}}
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        return diary.correct_report(session, actor=actor, diary_id=diary_id, answers=answers, reason=reason, now=now)


def send_bloody(person: Participant) -> int:
    """A report of blood in the stool; its id."""
    return send(person, **BLOODY).diary_id
