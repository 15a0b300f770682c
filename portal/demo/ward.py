"""What the ward does about a report: claim, ring, wait, close, each in its own time."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from sqlalchemy import select

from portal.demo.dice import random_minutes
from portal.demo.life import ParticipantLife
from portal.domain.alert_rules import Organ
from portal.domain.assessing import AssessmentFindings, Certainty
from portal.domain.triage import EpisodeOutcome, EpisodeState, WaitingFor
from portal.models.triage import Episode
from portal.services import assessments, triage

AT_ONCE: Final = 0.85
AGAIN: Final = 0.6
SETTLED_AFTER: Final = timedelta(hours=44)
CALLED: Final = (
    "电话联系本人，精神尚可，已嘱多饮水并记录次数。",
    "已通话，症状与日记一致，请其今日来院评估。",
    "家属接听，情况平稳，继续观察。",
)
WAITING: Final = ("等待复诊及化验结果。", "已预约皮肤科会诊，待回报。", "观察 24 小时，明日电话复核。")
ENDED: Final = {
    EpisodeOutcome.AGVHD_SUSPECTED: "已由研究医生评估，疑似急性 GVHD，转临床处理。",
    EpisodeOutcome.ADVICE_GIVEN: "已评估，已给予指导。",
    EpisodeOutcome.OTHER_CAUSE: "已评估，考虑其他原因。",
    EpisodeOutcome.FALSE_ALARM: "核实为误填，症状不存在。",
}
AGVHD: Final = frozenset({"skin", "gut", "mixed", "upper"})
WardAction = Callable[[ParticipantLife, Episode, datetime, Random], None]


def plan_claims(life: ParticipantLife, at: datetime) -> None:
    """Whatever is new on the list since this report is claimed after a while, if nobody is on the way to it yet."""
    for episode in _new(life):
        if life.next_act.get(episode.id) is not _claim:
            throw = life.dice("claim", episode.id, episode.version)
            _later(life, episode, _claimed_at(life, episode, at, throw), _claim)


def claim_new_episodes(life: ParticipantLife, at: datetime) -> None:
    """Somebody has just begun to work on whatever is new."""
    for episode in _new(life):
        triage.claim_episode(
            life.session, actor=life.team.coordinator, episode_id=episode.id, version=episode.version, now=at
        )


def enter_bilirubin(life: ParticipantLife, at: datetime) -> None:
    """The laboratory has called: 140 umol/L, a liver stage 3."""
    assessments.enter_result(
        life.session, actor=life.team.coordinator, study_number=life.person.study_number, measure="bilirubin:umol/L",
        value=Decimal(140), measured_at=at - timedelta(hours=2), now=at, confirmed=True,
    )  # fmt: skip


def _new(life: ParticipantLife) -> Sequence[Episode]:
    statement = select(Episode).where(Episode.participant_id == life.participant_id, Episode.state == EpisodeState.NEW)
    return life.session.scalars(statement.order_by(Episode.id)).all()


def _claimed_at(life: ParticipantLife, episode: Episode, at: datetime, throw: Random) -> datetime:
    """Red at any hour, mostly within the clock; amber in working time."""
    if episode.severity == "red":
        return at + (random_minutes(throw, 4, 50) if throw.random() < 0.93 else random_minutes(throw, 65, 110))
    return life.next_working(at) + random_minutes(throw, 10, 200)


def _later(life: ParticipantLife, episode: Episode, at: datetime, act: WardAction) -> None:
    """One thing at a time is on its way to an episode: what is planned later takes the place of what was before."""
    life.next_act[episode.id] = act

    def task(then: datetime) -> None:
        if life.next_act.get(episode.id) is act:
            del life.next_act[episode.id]
            if episode.state in FROM[act]:
                act(life, episode, then, life.dice("ward", episode.id, episode.version))

    life.plan(at, task)


def _claim(life: ParticipantLife, episode: Episode, at: datetime, throw: Random) -> None:
    triage.claim_episode(
        life.session, actor=life.team.coordinator, episode_id=episode.id, version=episode.version, now=at
    )
    _later(life, episode, at + random_minutes(throw, 4, 25), _contact)


def _contact(life: ParticipantLife, episode: Episode, at: datetime, throw: Random) -> None:
    triage.record_contact(
        life.session,
        actor=life.team.coordinator,
        episode_id=episode.id,
        version=episode.version,
        now=at,
        note=throw.choice(CALLED),
    )
    luck = throw.random()
    if luck < (AGAIN if episode.id in life.settled else AT_ONCE):
        _later(life, episode, _examined_at(life, episode, at, throw), _settle)
    elif luck < 0.85:
        _later(life, episode, at + random_minutes(throw, 5, 40), _wait)
    else:
        _later(life, episode, at + timedelta(days=1), _finish)


def _wait(life: ParticipantLife, episode: Episode, at: datetime, throw: Random) -> None:
    triage.set_waiting(
        life.session,
        actor=life.team.coordinator,
        episode_id=episode.id,
        version=episode.version,
        waiting_for=throw.choice(list(WaitingFor)),
        note=throw.choice(WAITING),
        now=at,
    )
    _later(life, episode, at + timedelta(days=1), _finish)


def _examined_at(life: ParticipantLife, episode: Episode, at: datetime, throw: Random) -> datetime:
    """Red by whoever is on call, amber in working time."""
    then = at + random_minutes(throw, 60, 9 * 60)
    return then if episode.severity == "red" else life.next_working(then)


def _settle(life: ParticipantLife, episode: Episode, at: datetime, throw: Random) -> None:
    """Once examined in the hands of those who treat, or not as bad as it was told."""
    life.settled.add(episode.id)
    _close(life, episode, at, throw)


def _finish(life: ParticipantLife, episode: Episode, at: datetime, throw: Random) -> None:
    """Closed in working time, once the symptom has been away for two days."""
    if episode.last_flag_at > at - SETTLED_AFTER or life.next_working(at) != at:
        _later(life, episode, life.next_working(at + timedelta(hours=14)), _finish)
        return
    _close(life, episode, at, throw)


def _close(life: ParticipantLife, episode: Episode, at: datetime, throw: Random) -> None:
    outcome = _outcome(life, episode, throw)
    if outcome == EpisodeOutcome.AGVHD_SUSPECTED:
        _assess(life, at, throw)
    triage.close_episode(
        life.session,
        actor=life.team.investigator if outcome == EpisodeOutcome.AGVHD_SUSPECTED else life.team.coordinator,
        episode_id=episode.id,
        version=episode.version,
        outcome=outcome,
        note=ENDED[outcome],
        now=at,
    )


def _assess(life: ParticipantLife, at: datetime, throw: Random) -> None:
    """Once a participant: stages as they were told, and the day on which the doctor dates the onset."""
    if life.assessed:
        return
    life.assessed, told = (
        True,
        select(Episode.organ, Episode.stage).where(Episode.participant_id == life.participant_id),
    )
    stages = {organ: stage or 0 for organ, stage in life.session.execute(told)}
    on, began_on = life.day(at), life.person.transplant_on + timedelta(days=life.person.course.onset)
    findings = AssessmentFindings(
        assessed_on=on,
        skin=stages.get(Organ.SKIN, 0),
        liver=0,
        upper_gi=min(stages.get(Organ.UPPER_GI, 0), 1),
        lower_gi=stages.get(Organ.LOWER_GI, 0),
        certainty=Certainty.SUSPECTED,
        onset_on=min(began_on + timedelta(days=throw.randint(0, 2)), on),
    )
    number, doctor = life.person.study_number, life.team.investigator
    assessments.create_assessment(life.session, actor=doctor, study_number=number, findings=findings, now=at)


def _outcome(life: ParticipantLife, episode: Episode, throw: Random) -> EpisodeOutcome:
    if life.person.course.kind in AGVHD and episode.organ in {Organ.SKIN, Organ.UPPER_GI, Organ.LOWER_GI}:
        return EpisodeOutcome.AGVHD_SUSPECTED
    luck = throw.random()
    return (
        EpisodeOutcome.ADVICE_GIVEN
        if luck < 0.6
        else EpisodeOutcome.OTHER_CAUSE
        if luck < 0.85
        else EpisodeOutcome.FALSE_ALARM
    )


FROM: Final[Mapping[WardAction, frozenset[EpisodeState]]] = {
    _claim: frozenset({EpisodeState.NEW}),
    _contact: frozenset({EpisodeState.CLAIMED}),
    _wait: frozenset({EpisodeState.CONTACTED}),
    _settle: frozenset({EpisodeState.CONTACTED}),
    _finish: frozenset({EpisodeState.CONTACTED, EpisodeState.WAITING}),
}
