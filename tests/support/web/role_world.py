"""Three participants with a record of every kind: one of the visitor's own, one beside them, one of another site."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from portal import protocols
from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.assessing import AssessmentFindings
from portal.domain.locking import LockKind
from portal.domain.messages import MessageKind, MessageState
from portal.domain.screening import ScreeningStep
from portal.extensions import db, transaction
from portal.models.assessments import Assessment
from portal.models.audit import AuditEvent
from portal.models.calls import PhoneCall
from portal.models.data_queries import DataQuery
from portal.models.diary import Diary
from portal.models.diary_questions import DiaryQuestion
from portal.models.infusions import Infusion, Visit
from portal.models.laboratory import LabResult
from portal.models.locking import DataLock
from portal.models.messages import InboundText, Message
from portal.models.people import Account
from portal.models.photos import Photo
from portal.models.tasks import Task
from portal.models.triage import Episode
from portal.services import (
    accounts,
    assessments,
    audit,
    data_queries,
    diary,
    diary_questions,
    enrolment,
    infusions,
    locking,
    photos,
    screening,
    team,
)
from portal.services.locking import LockRequest
from tests.support.answers import BLOODY, submission
from tests.support.diaries import hire
from tests.support.people import NOW, TODAY, new_participant
from tests.support.photos import JPEG
from tests.support.screenings import ADULT

HERE, ELSEWHERE = "RJ", "XX"
OWN, BESIDE, FOREIGN, MISSING = "own", "beside", "foreign", "missing"
Ids = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Somebody:
    """``names`` may stand on no page of anybody who may not see identifiers, ``number`` on none of another site."""

    number: str
    names: tuple[str, ...]
    phones: tuple[str, ...]
    cards: Mapping[Role, str]
    accounts: Mapping[Role, int]
    ids: Ids

    @property
    def marks(self) -> tuple[str, ...]:
        return (self.number, *self.names, *self.phones)


def build(folder: Path) -> dict[str, Somebody]:
    """Everybody, by how a visitor of the first one's or of RJ's stands to them."""
    stands = ((OWN, HERE), (BESIDE, HERE), (FOREIGN, ELSEWHERE))
    return {who: _somebody(place, site, folder) for place, (who, site) in enumerate(stands, 1)}


def stranger(folder: Path) -> Somebody:
    """One more at the other site, with as much to tell."""
    return _somebody(4, ELSEWHERE, folder)


def _somebody(place: int, site: str, folder: Path) -> Somebody:
    names = (f"王甲{place}", f"王乙{place}", f"王丙{place}")
    phones = tuple(f"+86138{place}013{number:04}" for number in range(3))
    roles = (Role.PARTICIPANT, Role.GUARDIAN, Role.CAREGIVER)
    with transaction() as session:
        person = enrolment.register_participant(
            session, actor=SYSTEM, person=_new(place, site, names, phones, roles), now=NOW
        )
        number, participant_id = person.study_number, person.id
        account_ids = [account.id for account in person.accounts]
    nurse = hire(f"Nurse {site} {place}", role=Role.INVESTIGATOR, sites=(site,))
    myself = Actor("account", Role.PARTICIPANT, account_ids[0], participant_id)
    _live(number, participant_id, nurse, myself, folder, place)
    cards = {}
    for account_id, role in zip(account_ids, roles, strict=True):
        with transaction() as session:
            cards[role] = accounts.issue_card(session, actor=SYSTEM, account_id=account_id, now=NOW)
    ids = {"study_number": number, "account_id": account_ids[2], "site": site, **dict(_ids(participant_id))}
    by_role = dict(zip(roles, account_ids, strict=True))
    ids |= _of_account(myself)
    ids |= _of_the_team(nurse, site, place)
    ids["number"] = _on_the_way_in(place, site, names[0])
    return Somebody(number, names, tuple(one[3:] for one in phones), cards, by_role, ids)


def _of_the_team(nurse: Actor, site: str, place: int) -> dict[str, Any]:
    """A member of the team with an open session, and one who has lost a phone and got a link."""
    lost = hire(f"Lost {site} {place}", sites=(site,))
    boss = hire(f"Boss {site} {place}", role=Role.ADMINISTRATOR, sites=(site,))
    member = team.StaffUser(nurse.id or 0, 0, nurse.role, nurse.sites, "en", "Nurse")
    with transaction() as session:
        token = team.open_session(session, person=member, label="Chrome", now=NOW)
        invited = team.invite_staff_again(
            session, actor=boss, staff_id=lost.id or 0, reason="lost", link=lambda key: key, now=NOW
        )
        seen = team.find_staff(session, token=token, now=NOW)
    return {"staff_id": nurse.id, "session_id": seen and seen.session_id, "invitation_id": invited.id}


def _on_the_way_in(place: int, site: str, name: str) -> str:
    """A screening that has only begun."""
    nurse = hire(f"Screener {site} {place}", sites=(site,))
    person = {**ADULT[ScreeningStep.PERSON], "name": name, "phone": f"1385{place}130000"}
    with transaction() as session:
        return screening.begin_screening(session, actor=nurse, site=site, typed=person, now=NOW)


def of_account(person: Somebody, role: Role) -> dict[str, Any]:
    """What belongs to one account alone, once it is activated."""
    return _of_account(Actor("account", role, person.accounts[role], participant_id=None))


def _of_account(actor: Actor) -> dict[str, Any]:
    with transaction() as session:
        epoch = session.get_one(Account, actor.id).epoch
        phone = accounts.remember_phone(session, actor=actor, epoch=epoch, label="Phone", now=NOW)
    return {"account": actor.id, "phone_id": phone.phone_id}


def _new(place: int, site: str, names: Any, phones: Any, roles: Any) -> enrolment.NewParticipant:
    who = tuple(
        enrolment.NewAccount(role=role, name=name, phone=phone, language="en", reminder_at=time(19))
        for name, phone, role in zip(names, phones, roles, strict=True)
    )
    number = f"{site}-{700 + place}"
    return new_participant(
        place, study_number=number, site=site, name=names[0], accounts=who, enrolled_on=TODAY, day=10
    )


def _live(number: str, participant_id: int, nurse: Actor, myself: Actor, folder: Path, place: int) -> None:
    protocol = protocols.load_protocol()
    acts = (
        lambda session: infusions.plan_infusions(
            session, actor=nurse, participant_id=participant_id, protocol=protocol, now=NOW
        ),
        lambda session: infusions.plan_visits(
            session, actor=nurse, participant_id=participant_id, protocol=protocol, now=NOW
        ),
        lambda session: diary.submit_diary(
            session,
            actor=myself,
            submission=submission(
                **{**BLOODY, "infusion-signs": ("none",), "liver-signs": ("yellow",), "note": f"only {place} says this"}
            ),
            now=NOW,
        ),
        lambda session: photos.add_photo(session, actor=myself, diary_on=TODAY, picture=JPEG, folder=folder, now=NOW),
        lambda session: assessments.enter_result(
            session,
            actor=nurse,
            study_number=number,
            measure="bilirubin:umol/L",
            value=Decimal(19),
            measured_at=NOW,
            now=NOW,
            confirmed=True,
        ),
        lambda session: assessments.create_assessment(
            session,
            actor=nurse,
            study_number=number,
            now=NOW,
            findings=AssessmentFindings(
                assessed_on=TODAY, skin=1, liver=0, upper_gi=0, lower_gi=0, certainty="confirmed", onset_on=TODAY
            ),
        ),
    )
    for act in acts:
        with transaction() as session:
            act(session)
    _texts_and_calls(number, participant_id, nurse, myself)


def _texts_and_calls(number: str, participant_id: int, nurse: Actor, myself: Actor) -> None:
    report = newest(diary_of(participant_id))
    with transaction() as session:
        diary_questions.ask_diary_question(
            session, actor=nurse, study_number=number, diary_id=report, question="Was it fresh blood?", now=NOW
        )
    manager = hire(f"Manager {participant_id}", role=Role.DATA_MANAGER, sites=(nurse_site(nurse),))
    closing = LockRequest(LockKind.FREEZE, None, number, TODAY - timedelta(days=60), f"why {number[-1]} is closed")
    with transaction() as session:
        locking.close_data(session, actor=manager, closing=closing, now=NOW)
    with transaction() as session:
        data_queries.raise_data_query(session, actor=manager, study_number=number, question="Which hour?", now=NOW)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:add", now=NOW, participant_id=participant_id)
        about = {"participant_id": participant_id, "account_id": myself.id}
        session.add_all(
            [
                Message(
                    **about, recipient=f"account:{myself.id}", kind=str(MessageKind.DIARY_REMINDER), dedupe_key="test",
                    token=f"token-{participant_id}", template_version=1, language="en", state=str(MessageState.FAILED),
                    reason="unreachable", not_before_at=NOW, expires_at=NOW + timedelta(hours=5), created_at=NOW,
                    final_at=NOW,
                ),
                InboundText(
                    **about, provider_id=f"SM{participant_id}", meaning="other", words=f"words of {participant_id}",
                    received_at=NOW,
                ),
                Task(
                    participant_id=participant_id, site=nurse_site(nurse), kind="call-no-diary", due_at=NOW,
                    dedupe_key=f"test:{participant_id}", opened_at=NOW,
                ),
                PhoneCall(
                    participant_id=participant_id, staff_id=nurse.id, whom="participant", outcome="reached",
                    called_at=NOW, recorded_at=NOW,
                ),
            ]
        )  # fmt: skip


def nurse_site(nurse: Actor) -> str:
    return min(nurse.sites)


def diary_of(participant_id: int) -> Any:
    return select(Diary.id).where(Diary.participant_id == participant_id)


def newest(statement: Any) -> int:
    db.session.rollback()
    return int(db.session.scalars(statement.order_by(statement.selected_columns[0].desc())).first())


def _ids(participant_id: int) -> Iterator[tuple[str, int]]:
    """One record of each kind, by the name that routes have for it."""
    kinds: dict[str, Any] = {
        "diary_id": Diary, "episode_id": Episode, "task_id": Task, "message_id": Message, "inbound_id": InboundText,
        "result_id": LabResult, "assessment_id": Assessment, "question_id": DiaryQuestion, "photo_id": Photo,
        "infusion_id": Infusion, "visit_id": Visit, "lock_id": DataLock, "data_query_id": DataQuery,
    }  # fmt: skip
    kinds |= {"row_id": Diary, "event_id": AuditEvent}
    for name, model in kinds.items():
        yield name, newest(select(model.id).where(model.participant_id == participant_id))
