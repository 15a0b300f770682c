"""One episode with its flags and steps, and what a participant may know of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from portal.domain import triage
from portal.domain.access import GRANTS, Actor, Permission, Role
from portal.domain.alert_rules import Evidence, Organ
from portal.domain.diary import local_day
from portal.domain.errors import NotFound
from portal.domain.infusions import study_day
from portal.domain.laboratory import LabKind
from portal.domain.triage import EpisodeOutcome, EpisodeState, EpisodeStepKind
from portal.models.assessments import Assessment, Signature
from portal.models.diary import Diary
from portal.models.laboratory import LabResult
from portal.models.people import Participant, Staff
from portal.models.triage import Episode, EpisodeStep, Flag
from portal.services.scope import within_sites
from portal.services.triage.estimates import ProvisionalEstimate, get_provisional_estimate

EPISODES_SHOWN = 10
RESULT_COUNTS = timedelta(hours=24)
UNSETTLED = (EpisodeOutcome.DUPLICATE, EpisodeOutcome.UNREACHABLE)
ACTING_ROLES = tuple(str(role) for role in Role if Permission.TRIAGE_ACT in GRANTS[role])
LAST_RECURRED: Final = (
    select(EpisodeStep.at)
    .where(EpisodeStep.episode_id == Episode.id, EpisodeStep.kind == EpisodeStepKind.RECUR)
    .order_by(EpisodeStep.id.desc())
    .limit(1)
)
NEWEST: Final = (
    select(Episode.state, Episode.outcome, Episode.opened_at, LAST_RECURRED.scalar_subquery().label("recurred_at"))
    .where(
        Episode.participant_id == bindparam("participant_id"),
        Episode.organ == bindparam("organ"),
        Episode.opened_at <= bindparam("now"),
    )
    .order_by(Episode.last_flag_at.desc(), Episode.id.desc())
    .limit(1)
)
BILIRUBIN_SINCE: Final = (
    select(LabResult.id)
    .where(
        LabResult.participant_id == bindparam("participant_id"),
        LabResult.kind == LabKind.BILIRUBIN,
        LabResult.voided_at.is_(None),
        LabResult.entered_at <= bindparam("now"),
        LabResult.measured_at >= bindparam("measured_since"),
    )
    .limit(1)
)
NEWER: Final = aliased(Assessment)
SIGNED_SINCE: Final = (
    select(Signature.id)
    .join(Assessment, Assessment.id == Signature.assessment_id)
    .where(
        Signature.participant_id == bindparam("participant_id"),
        Signature.signed_at >= bindparam("since"),
        Signature.signed_at <= bindparam("now"),
        ~select(NEWER.id)
        .where(
            NEWER.participant_id == Assessment.participant_id,
            NEWER.number == Assessment.number,
            NEWER.version > Assessment.version,
        )
        .exists(),
    )
    .limit(1)
)
# Signed versions that assess the organ and have not been changed since.
SIGNED_LIVER: Final = SIGNED_SINCE.where(Assessment.liver.is_not(None))
SIGNED_SKIN: Final = SIGNED_SINCE.where(Assessment.skin.is_not(None))


@dataclass(frozen=True, slots=True)
class Colleague:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class FlagView:
    rule_id: str
    rule_version: int
    organ: str
    severity: str
    evidence: Evidence
    raised_at: datetime
    diary_id: int | None
    diary_on: date | None
    corrected_at: datetime | None = None
    taken_back_at: datetime | None = None
    unsent: bool = False


@dataclass(frozen=True, slots=True)
class EpisodeStepView:
    """``name`` is None where a report did it."""

    kind: str
    at: datetime
    to_state: str
    name: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class EpisodePage:
    """``verbs`` are what the state allows a person; flags and steps are newest first."""

    id: int
    version: int
    participant_id: int
    study_number: str
    arm: str | None
    site: str
    study_day: int
    organ: str
    severity: str
    state: str
    stage: int | None
    opened_at: datetime
    last_flag_at: datetime
    acknowledge_by_at: datetime
    close_by_at: datetime
    waiting_for: str | None
    seen_at: datetime | None
    seen_by: str | None
    owner: str | None
    closed_at: datetime | None
    outcome: str | None
    flags: tuple[FlagView, ...]
    steps: tuple[EpisodeStepView, ...]
    estimate: ProvisionalEstimate | None
    verbs: tuple[EpisodeStepKind, ...]
    colleagues: tuple[Colleague, ...]


@dataclass(frozen=True, slots=True)
class EpisodeView:
    """What the participant may see: that somebody looks, until when, and when somebody has."""

    episode_id: int
    organ: str
    severity: str
    state: str
    opened_at: datetime
    last_flag_at: datetime
    acknowledge_by_at: datetime
    seen_at: datetime | None


def get_episode(session: Session, *, episode_id: int, actor: Actor, now: datetime) -> EpisodePage:
    """Raises NotFound for an episode of another site, as for one that does not exist."""
    owner, seen_by = aliased(Staff), aliased(Staff)
    found = session.execute(
        select(Episode, Participant, owner.name, seen_by.name)
        .join(Participant, Participant.id == Episode.participant_id)
        .outerjoin(owner, owner.id == Episode.owner_id)
        .outerjoin(seen_by, seen_by.id == Episode.seen_by_id)
        .where(Episode.id == episode_id, within_sites(actor, Episode.site))
    ).one_or_none()
    if found is None:
        raise NotFound
    row, participant, owner_name, seen_by_name = found
    return EpisodePage(
        id=row.id,
        version=row.version,
        participant_id=row.participant_id,
        study_number=participant.study_number,
        arm=participant.arm,
        site=row.site,
        study_day=study_day(local_day(now, participant.timezone), participant.transplant_on),
        organ=row.organ,
        severity=row.severity,
        state=row.state,
        stage=row.stage,
        opened_at=row.opened_at,
        last_flag_at=row.last_flag_at,
        acknowledge_by_at=row.acknowledge_by_at,
        close_by_at=row.close_by_at,
        waiting_for=row.waiting_for,
        seen_at=row.seen_at,
        seen_by=seen_by_name,
        owner=owner_name,
        closed_at=row.closed_at,
        outcome=row.outcome,
        flags=_flags(session, episode_id),
        steps=_steps(session, episode_id),
        estimate=get_provisional_estimate(session, participant_id=row.participant_id),
        verbs=triage.allowed_verbs(row.state),
        colleagues=list_colleagues(session, row.site),
    )


def _flags(session: Session, episode_id: int) -> tuple[FlagView, ...]:
    rows = session.execute(
        select(Flag, Diary.diary_on)
        .outerjoin(Diary, Diary.id == Flag.diary_id)
        .where(Flag.episode_id == episode_id)
        .order_by(Flag.raised_at.desc(), Flag.id)
    )
    return tuple(build_flag_view(flag, diary_on) for flag, diary_on in rows)


def build_flag_view(flag: Flag, diary_on: date | None) -> FlagView:
    return FlagView(
        rule_id=flag.rule_id,
        rule_version=flag.rule_version,
        organ=flag.organ,
        severity=flag.severity,
        evidence=Evidence.from_json(flag.evidence),
        raised_at=flag.raised_at,
        diary_id=flag.diary_id,
        diary_on=diary_on or flag.diary_on,
        corrected_at=flag.corrected_at,
        taken_back_at=flag.taken_back_at,
        unsent=flag.diary_id is None and flag.draft_client_id is not None and flag.corrected_at is None,
    )


def _steps(session: Session, episode_id: int) -> tuple[EpisodeStepView, ...]:
    rows = session.execute(
        select(EpisodeStep, Staff.name)
        .outerjoin(Staff, Staff.id == EpisodeStep.staff_id)
        .where(EpisodeStep.episode_id == episode_id)
        .order_by(EpisodeStep.id.desc())
    )
    return tuple(EpisodeStepView(step.kind, step.at, step.to_state, name, step.note) for step, name in rows)


def list_colleagues(session: Session, site: str) -> tuple[Colleague, ...]:
    """Staff of a site who may act on an episode, by name."""
    rows = session.execute(
        select(Staff.id, Staff.name, Staff.sites).where(Staff.active.is_(True), Staff.role.in_(ACTING_ROLES))
    )
    return tuple(sorted((Colleague(id_, name) for id_, name, sites in rows if site in sites), key=lambda one: one.name))


def list_latest_episodes(session: Session, *, actor: Actor) -> tuple[EpisodeView, ...]:
    """The last episodes that a report of the actor's own participant touched, newest first."""
    rows = session.scalars(
        select(Episode)
        .where(Episode.participant_id == actor.participant_id)
        .order_by(Episode.last_flag_at.desc(), Episode.id.desc())
        .limit(EPISODES_SHOWN)
    )
    return tuple(
        EpisodeView(
            episode_id=row.id,
            organ=row.organ,
            severity=row.severity,
            state=row.state,
            opened_at=row.opened_at,
            last_flag_at=row.last_flag_at,
            acknowledge_by_at=row.acknowledge_by_at,
            seen_at=row.seen_at,
        )
        for row in rows
    )


def is_liver_settled(session: Session, *, participant_id: int, now: datetime) -> bool:
    """Whether a bilirubin, a signed assessment or the closing of the newest liver episode has settled the liver signs.

    As of ``now``. A result counts from 24 hours before the episode began.
    """
    episode = _newest(session, participant_id, Organ.LIVER, now)
    if episode is None:
        return False
    if episode.state == EpisodeState.CLOSED and episode.outcome not in UNSETTLED:
        return True
    since = _began_at(episode)
    given = {"participant_id": participant_id, "since": since, "measured_since": since - RESULT_COUNTS, "now": now}
    return _any(session, BILIRUBIN_SINCE, given) or _any(session, SIGNED_LIVER, given)


def is_rash_assessed(session: Session, *, participant_id: int, now: datetime) -> bool:
    """Whether a clinician has signed an assessment of the skin since its newest episode began."""
    episode = _newest(session, participant_id, Organ.SKIN, now)
    if episode is None:
        return False
    given = {"participant_id": participant_id, "since": _began_at(episode), "now": now}
    return _any(session, SIGNED_SKIN, given)


def _newest(session: Session, participant_id: int, organ: Organ, now: datetime) -> Row[*tuple[Any, ...]] | None:
    given = {"participant_id": participant_id, "organ": str(organ), "now": now}
    return session.connection().execute(NEWEST, given).one_or_none()


def _began_at(episode: Row[*tuple[Any, ...]]) -> datetime:
    """When it was opened, or last reopened by a report."""
    began: datetime = episode.recurred_at or episode.opened_at
    return began


def _any(session: Session, statement: Select[int], given: dict[str, Any]) -> bool:
    return session.execute(statement, given).first() is not None
