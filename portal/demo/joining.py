"""Joining: screening and allocation, the plan, the card, and its first use."""

from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy import select

from portal.demo import diaries, screened, treatment
from portal.demo.dice import random_minutes
from portal.demo.life import ParticipantLife
from portal.demo.roster import CardHolderAccount
from portal.domain.access import SYSTEM, Actor, ActorKind
from portal.models.people import Account
from portal.services import accounts, infusions

JOINED_AT = time(10)
HOLIDAY = "The day ward is closed over the holiday."


def plan_enrolment(life: ParticipantLife) -> None:
    """Plan the participant's enrolment; every later event is planned from it."""
    life.plan(life.at(life.person.enrolled_on, JOINED_AT), partial(_register, life))


def _register(life: ParticipantLife, at: datetime) -> None:
    life.participant_id = screened.allocate_arm(life, at)
    statement = select(Account).where(Account.participant_id == life.participant_id).order_by(Account.id)
    pairs = list(zip(life.session.scalars(statement), life.person.holders, strict=True))
    life.holders = tuple(
        Actor(ActorKind.ACCOUNT, holder.role, account.id, life.participant_id) for account, holder in pairs
    )
    _plan(life, at + timedelta(minutes=20))
    for account, holder in pairs:
        _hand_card(life, account.id, holder, at + timedelta(minutes=40))
    if life.person.activated:
        life.plan(at + random_minutes(life.dice("activation"), 60, 300), partial(_activate, life))


def _plan(life: ParticipantLife, at: datetime) -> None:
    infusions.plan_infusions(
        life.session,
        actor=life.team.coordinator,
        participant_id=life.participant_id,
        protocol=life.protocol,
        now=at,
        weekdays=life.person.weekdays,
        reason=_why(life, at),
    )
    treatment.plan_treatment(life)


def _why(life: ParticipantLife, at: datetime) -> str:
    """Who is enrolled before a long holiday begins late, and somebody has to say so."""
    proposed = infusions.draft_plan(
        life.session,
        actor=life.team.coordinator,
        study_number=life.person.study_number,
        protocol=life.protocol,
        now=at,
        weekdays=life.person.weekdays,
    )
    return HOLIDAY if proposed and proposed.broken else ""


def _hand_card(life: ParticipantLife, account_id: int, holder: CardHolderAccount, at: datetime) -> None:
    accounts.issue_card(life.session, actor=life.team.coordinator, account_id=account_id, now=at, code=holder.card_code)


def _activate(life: ParticipantLife, at: datetime) -> None:
    """By card code and year of birth, as on the phone."""
    person = life.person
    for holder in person.holders:
        opened = accounts.check_card(
            life.session, actor=SYSTEM, code=holder.card_code, birth_year=str(person.born_on.year), now=at
        )
        if not isinstance(opened, accounts.Activation):
            raise TypeError("the card of the demo does not open")
        accounts.activate_account(
            life.session,
            actor=SYSTEM,
            card_id=opened.card_id,
            pin=holder.pin or "",
            language=person.language,
            reminder_at=person.reminder_at,
            now=at,
        )
    if not person.reminders_on:
        accounts.set_reminders(
            life.session, actor=life.holders[0], reminder_at=person.reminder_at, reminders_on=False, now=at
        )
    diaries.plan_diaries(life, at)
