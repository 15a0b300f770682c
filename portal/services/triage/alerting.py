"""Alerts about reds: at once to the person on duty, and down the rota when the deadline passes.

Without a rota every coordinator of the site is alerted, and in the end the investigators and the administrators;
with one, a single person at a time, so that alerts keep their weight.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import SYSTEM, Role
from portal.domain.alert_rules import RULES, Flag, Severity
from portal.domain.protocol import Deadlines
from portal.domain.triage import EpisodeState
from portal.models.base import Transaction
from portal.models.people import Participant, Staff
from portal.models.rota import Escalation
from portal.models.triage import Episode, EpisodeStep
from portal.services import audit, messages, rota
from portal.services.triage.memory import ALERTS
from portal.services.triage.raising import RaisedEpisode

FIRST, SECOND, PRINCIPAL = "first", "second", "principal"
ORDER: Final = (FIRST, SECOND, PRINCIPAL)
ABOVE: Final = (Role.INVESTIGATOR, Role.ADMINISTRATOR)
TELLS_INVESTIGATOR: Final = frozenset(rule.id for rule in RULES if rule.tells_investigator)
ROUND: Final = 200


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """``at`` is when the step falls due, as long as nobody has claimed the episode."""

    name: str
    at: datetime


def alert_reds(
    session: Session,
    *,
    raised: Sequence[RaisedEpisode],
    participant: Participant,
    now: datetime,
    due_at: datetime | None = None,
) -> int:
    """Alert the person on duty of every red that opened or got worse; how many messages. Begins no audit event.

    ``due_at``: not before then, for a red answer that is not sent yet. A red that was sent and joins an episode whose
    alert waits does not wait with it.
    """
    joined = [one for one in raised if not one.alert and one.severity is Severity.RED]
    if joined and due_at is None:
        keys = [messages.alert_key(one.episode_id, one.alert_number) for one in joined]
        messages.hasten_alerts(session, participant_id=participant.id, keys=keys, now=now)
    return sum(
        _tell(session, session.get_one(Episode, one.episode_id), one.alert_number, FIRST, participant.site, now, due_at)
        for one in raised
        if one.alert and one.severity is Severity.RED
    )


def alert_investigators(
    session: Session, *, raised: Iterable[RaisedEpisode], flags: Iterable[Flag], participant: Participant, now: datetime
) -> int:
    """Alert the site's investigators, too, of what a rule tells them: a high bilirubin, a severe reaction."""
    organs = {flag.organ for flag in flags if flag.rule_id in TELLS_INVESTIGATOR}
    rows = session.execute(select(Staff.id, Staff.sites).where(Staff.active.is_(True), Staff.role == Role.INVESTIGATOR))
    whom = sorted(staff_id for staff_id, sites in rows if participant.site in sites) if organs else []
    return sum(
        messages.enqueue_staff_alert(
            session,
            episode_id=one.episode_id,
            alert_number=one.alert_number,
            participant_id=participant.id,
            site=participant.site,
            now=now,
            to=whom,
            step=len(ORDER) + 1,
        )
        for one in raised
        if whom and one.alert and one.organ in organs
    )


def due_steps(
    severity: str, *, acknowledge_by_at: datetime, clocks: Deadlines, now: datetime
) -> tuple[EscalationStep, ...]:
    """The escalation steps that are due for an episode that nobody has claimed.

    A red went to the first person when it was raised; an amber goes to that person only now, when its own deadline has
    passed, and no further.
    """
    steps: tuple[EscalationStep, ...]
    if severity != Severity.RED:
        steps = (EscalationStep(FIRST, acknowledge_by_at),)
    else:
        raised_at = acknowledge_by_at - timedelta(minutes=clocks.red_acknowledge_minutes)
        steps = (
            EscalationStep(SECOND, raised_at + timedelta(minutes=clocks.red_second_minutes)),
            EscalationStep(PRINCIPAL, raised_at + timedelta(minutes=clocks.red_principal_minutes)),
        )
    return tuple(step for step in steps if step.at <= now)


def escalate_episodes(transaction: Transaction, *, now: datetime) -> int:
    """Take every escalation step that is due, each episode in its own transaction; how many steps were taken.

    A step is a row, written with its messages: a process that dies leaves both or neither, and two workers are
    serialised by the participant's row.
    """
    with transaction() as session:
        found = _overdue(session, now)
    taken = 0
    for episode_id, participant_id in found:
        with transaction() as session:
            taken += _escalate_one(session, episode_id, participant_id, now)
    return taken


def _overdue(session: Session, now: datetime) -> Sequence[tuple[int, int]]:
    """Unclaimed episodes whose clock has run out and that have not gone all the way for their newest alert."""
    alerts = (
        select(func.count()).where(EpisodeStep.episode_id == Episode.id, EpisodeStep.kind.in_(ALERTS)).scalar_subquery()
    )
    last = (
        select(Escalation.id)
        .where(
            Escalation.episode_id == Episode.id,
            Escalation.alert_number == alerts,
            Escalation.step == case((Episode.severity == Severity.RED, PRINCIPAL), else_=FIRST),
        )
        .exists()
    )
    statement = (
        select(Episode.id, Episode.participant_id)
        .where(Episode.state == EpisodeState.NEW, Episode.acknowledge_by_at <= now, ~last)
        .order_by(Episode.severity.desc(), Episode.acknowledge_by_at, Episode.id)
        .limit(ROUND)
    )
    return [(episode_id, participant_id) for episode_id, participant_id in session.execute(statement)]


def _escalate_one(session: Session, episode_id: int, participant_id: int, now: datetime) -> int:
    session.execute(select(Participant.id).where(Participant.id == participant_id).with_for_update(key_share=True))
    episode = session.get_one(Episode, episode_id, populate_existing=True)
    if episode.state != EpisodeState.NEW:
        return 0
    number = _alert_number(session, episode_id)
    done = set(
        session.scalars(
            select(Escalation.step).where(Escalation.episode_id == episode_id, Escalation.alert_number == number)
        )
    )
    due = [
        step
        for step in due_steps(
            episode.severity,
            acknowledge_by_at=episode.acknowledge_by_at,
            clocks=protocols.load_protocol().clocks,
            now=now,
        )
        if step.name not in done
    ]
    if due:
        audit.begin(session, actor=SYSTEM, action="episode:escalate", now=now, participant_id=participant_id)
    for step in due:
        _record(session, episode, number, step, now)
    return len(due)


def _record(session: Session, episode: Episode, number: int, step: EscalationStep, now: datetime) -> None:
    duty = rota.find_duty(session, site=episode.site, now=now)
    session.add(
        Escalation(
            participant_id=episode.participant_id,
            episode_id=episode.id,
            alert_number=number,
            step=step.name,
            staff_id=getattr(duty, f"{step.name}_id", None),
            at=now,
        )
    )
    session.flush()
    _tell(session, episode, number, step.name, episode.site, now)


def _tell(
    session: Session,
    episode: Episode,
    number: int,
    step: str,
    site: str,
    now: datetime,
    due_at: datetime | None = None,
) -> int:
    return messages.enqueue_staff_alert(
        session,
        episode_id=episode.id,
        alert_number=number,
        participant_id=episode.participant_id,
        site=site,
        now=now,
        to=_whom(session, episode, step, now),
        step=0 if step == FIRST and episode.severity == Severity.RED else ORDER.index(step) + 1,
        due_at=due_at,
    )


def _whom(session: Session, episode: Episode, step: str, now: datetime) -> list[int] | None:
    """Staff ids; None stands for every coordinator of the site."""
    duty = rota.find_duty(session, site=episode.site, now=now)
    if duty is None:
        return _those_above(session, episode.site) if step == PRINCIPAL else None
    if step == FIRST and episode.owner_id is not None and episode.owner_id in duty:
        return [episode.owner_id]
    return [getattr(duty, f"{step}_id")]


def _those_above(session: Session, site: str) -> list[int]:
    """Where nobody is on the rota: the site's investigators, and the administrators, who have to see to it."""
    rows = session.execute(select(Staff.id, Staff.sites).where(Staff.active.is_(True), Staff.role.in_(ABOVE)))
    return sorted(staff_id for staff_id, sites in rows if site in sites)


def _alert_number(session: Session, episode_id: int) -> int:
    statement = select(func.count()).where(EpisodeStep.episode_id == episode_id, EpisodeStep.kind.in_(ALERTS))
    return int(session.execute(statement).scalar_one())
