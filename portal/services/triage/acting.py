"""Staff actions on an episode. When two people act at once, the second gets a Conflict, and nothing is lost."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal import protocols
from portal.domain import triage
from portal.domain.access import Actor, Permission, require_permission
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.msgid import N_
from portal.domain.reasons import reason_of
from portal.domain.triage import EpisodeOutcome, EpisodeState, EpisodeStepKind, WaitingFor
from portal.models.people import Participant, Staff
from portal.models.triage import Episode, EpisodeStep
from portal.services import audit
from portal.services.scope import within_sites
from portal.services.triage import reading

LONGEST_NOTE = 2000
CHANGED = N_("This was changed in the meantime. Open it again to see how it stands now.")
REPORTED = N_("A new report came at %(time)s. Read it before you go on.")
FIRST = {
    EpisodeStepKind.CLAIM: N_("Already claimed by %(name)s at %(time)s."),
    EpisodeStepKind.CONTACT: N_("%(name)s already recorded a call at %(time)s."),
    EpisodeStepKind.WAIT: N_("%(name)s already set it to waiting at %(time)s."),
    EpisodeStepKind.HAND_OVER: N_("%(name)s handed it over at %(time)s."),
    EpisodeStepKind.CLOSE: N_("Already closed by %(name)s at %(time)s."),
    EpisodeStepKind.REOPEN: N_("Already reopened by %(name)s at %(time)s."),
}


@dataclass(frozen=True, slots=True)
class EpisodeAction:
    """One verb on one episode. ``version`` is the one that the person had before their eyes; a note needs none."""

    actor: Actor
    episode_id: int
    verb: EpisodeStepKind
    now: datetime
    version: int | None = None
    note: str = ""
    note_needed: bool = False


def claim_episode(session: Session, *, actor: Actor, episode_id: int, version: int, now: datetime) -> None:
    """Claim an episode: the actor owns it, and the participant reads that it has been seen.

    Every function here raises NotFound outside the actor's sites, Conflict if the episode changed meanwhile.
    """
    move = EpisodeAction(actor, episode_id, EpisodeStepKind.CLAIM, now, version)
    episode = _begin(session, move)
    episode.owner_id = episode.seen_by_id = actor.id
    episode.seen_at = now
    _finish(session, episode, move)


def add_note(session: Session, *, actor: Actor, episode_id: int, note: str, now: datetime) -> None:
    """Write something down. Invalid when there is nothing to write; never a conflict, so that no note is lost."""
    move = EpisodeAction(actor, episode_id, EpisodeStepKind.NOTE, now, note=note, note_needed=True)
    _finish(session, _begin(session, move), move)


def record_contact(
    session: Session, *, actor: Actor, episode_id: int, version: int, now: datetime, note: str = ""
) -> None:
    """The participant has been spoken with."""
    move = EpisodeAction(actor, episode_id, EpisodeStepKind.CONTACT, now, version, note)
    _finish(session, _begin(session, move), move)


def set_waiting(
    session: Session,
    *,
    actor: Actor,
    episode_id: int,
    version: int,
    waiting_for: str,
    now: datetime,
    note: str = "",
) -> None:
    """Something has to come first (one of ``domain.triage.WaitingFor``); Invalid without it."""
    if waiting_for not in set(WaitingFor):
        raise Invalid(problems={"waiting_for": N_("Choose what has to come first.")})
    move = EpisodeAction(actor, episode_id, EpisodeStepKind.WAIT, now, version, note)
    episode = _begin(session, move)
    episode.waiting_for = WaitingFor(waiting_for)
    _finish(session, episode, move)


def hand_over_episode(
    session: Session, *, actor: Actor, episode_id: int, version: int, to_staff_id: int, now: datetime, note: str = ""
) -> None:
    """Hand the episode over to staff of the same site who may act on it, oneself included; else Invalid."""
    move = EpisodeAction(actor, episode_id, EpisodeStepKind.HAND_OVER, now, version, note)
    episode = _begin(session, move)
    if to_staff_id not in {colleague.id for colleague in reading.list_colleagues(session, episode.site)}:
        raise Invalid(problems={"to_staff_id": N_("Choose who takes it over.")})
    episode.owner_id = to_staff_id
    _finish(session, episode, move)


def close_episode(
    session: Session, *, actor: Actor, episode_id: int, version: int, outcome: str, note: str, now: datetime
) -> None:
    """End it with an outcome (one of ``domain.triage.EpisodeOutcome``) and the reason; Invalid without either."""
    if outcome not in set(EpisodeOutcome):
        raise Invalid(problems={"outcome": N_("Choose how it ended.")})
    reason = reason_of(note, field="note", longest=LONGEST_NOTE)
    move = EpisodeAction(actor, episode_id, EpisodeStepKind.CLOSE, now, version, reason)
    episode = _begin(session, move)
    episode.outcome, episode.closed_at = EpisodeOutcome(outcome), now
    _finish(session, episode, move)


def reopen_episode(
    session: Session, *, actor: Actor, episode_id: int, version: int, now: datetime, note: str = ""
) -> None:
    """Take a closed one up again. Conflict when another one of the organ has been opened since."""
    move = EpisodeAction(actor, episode_id, EpisodeStepKind.REOPEN, now, version, note)
    episode = _begin(session, move)
    if _another_is_open(session, episode):
        raise Conflict(N_("A newer episode of the same organ is open. Work on that one."))
    episode.owner_id, episode.closed_at, episode.outcome = actor.id, None, None
    episode.close_by_at = triage.close_by(episode.severity, at=now, clocks=protocols.load_protocol().clocks)
    _finish(session, episode, move)


def _begin(session: Session, move: EpisodeAction) -> Episode:
    """The episode, locked, checked and with the act named; nothing is changed yet."""
    episode = _locked(session, move)
    text = move.note.strip()
    if (move.note_needed and not text) or len(text) > LONGEST_NOTE:
        raise Invalid(problems={"note": N_("Write a few words, 2,000 characters at most.")})
    stale = move.version is not None and move.version != episode.version
    if stale or (episode.state, move.verb) not in triage.TRANSITIONS:
        raise _told(session, episode, move.now)
    audit.begin(
        session,
        actor=move.actor,
        action=f"episode:{move.verb}",
        now=move.now,
        participant_id=episode.participant_id,
    )
    return episode


def _locked(session: Session, move: EpisodeAction) -> Episode:
    """Whoever writes to an episode holds the participant's row, as a report does; only then is the episode read."""
    row = select(Episode.participant_id).where(Episode.id == move.episode_id, within_sites(move.actor, Episode.site))
    participant_id = session.execute(row).scalar_one_or_none()
    if participant_id is None:
        raise NotFound
    session.execute(select(Participant.id).where(Participant.id == participant_id).with_for_update(key_share=True))
    episode = session.get_one(Episode, move.episode_id, populate_existing=True)
    require_permission(move.actor, Permission.TRIAGE_ACT, site=episode.site)
    return episode


def _finish(session: Session, episode: Episode, move: EpisodeAction) -> None:
    to_state = triage.next_state(episode.state, move.verb)
    session.add(
        EpisodeStep(
            participant_id=episode.participant_id,
            episode_id=episode.id,
            kind=move.verb,
            from_state=episode.state,
            to_state=to_state,
            staff_id=move.actor.id,
            note=move.note.strip() or None,
            at=move.now,
        )
    )
    episode.state = to_state
    if to_state is not EpisodeState.WAITING:
        episode.waiting_for = None
    try:
        session.flush()
    except StaleDataError:
        raise Conflict(CHANGED) from None


def _another_is_open(session: Session, episode: Episode) -> bool:
    statement = select(Episode.id).where(
        Episode.participant_id == episode.participant_id,
        Episode.organ == episode.organ,
        Episode.state != EpisodeState.CLOSED,
        Episode.id != episode.id,
    )
    return session.execute(statement).first() is not None


def _told(session: Session, episode: Episode, now: datetime) -> Conflict:
    """Who was first, or that a report was, and when."""
    step = session.scalars(
        select(EpisodeStep)
        .where(EpisodeStep.episode_id == episode.id, EpisodeStep.kind != EpisodeStepKind.NOTE)
        .order_by(EpisodeStep.id.desc())
        .limit(1)
    ).one()
    time = _clock_words(step.at, now)
    if step.staff_id is None:
        return Conflict(REPORTED, time=time)
    return Conflict(FIRST[step.kind], name=session.get_one(Staff, step.staff_id).name, time=time)


def _clock_words(at: datetime, now: datetime) -> str:
    """``10:42`` of the same day, else with the date; the hospital's time."""
    zone = ZoneInfo(protocols.load_protocol().timezone)
    local = at.astimezone(zone)
    return local.strftime("%H:%M" if local.date() == now.astimezone(zone).date() else "%Y-%m-%d %H:%M")
