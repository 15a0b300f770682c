"""What a participant's rows say to a replay: each report with its history, each missed diary, each recorded onset."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal import protocols
from portal.domain import alert_rules
from portal.domain.diary import diary_window
from portal.domain.eligibility import age_on
from portal.domain.protocol import Protocol
from portal.domain.replay import RecordedOnset, ReplayCase, ReplayVerdict, VerdictPair
from portal.domain.reports import Report
from portal.models.assessments import Assessment
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.missed_diaries import MissedDiary
from portal.models.people import Participant
from portal.models.triage import Flag
from portal.services.diary import facts, history

WITH_GVHD: Final = ("confirmed", "suspected")


def read_cases(session: Session, person: Participant, since: date | None) -> Iterator[ReplayCase]:
    """Every standing report from ``since`` on, oldest first."""
    standing = (Diary.participant_id == person.id, Diary.superseded_at.is_(None))
    rows = session.scalars(select(Diary).where(*standing).order_by(Diary.diary_on, Diary.id)).all()
    met = _rules_met(session, person.id)
    given_at = _given_at(session, person.id)
    reports = [history.to_report(row) for row in rows]
    records = facts.read_records(session, person.id)
    born_on = date.fromisoformat(person.born_on)
    for place, (row, report) in enumerate(zip(rows, reports, strict=True)):
        if since is None or row.diary_on >= since:
            known = facts.facts_of(records, person, on=report.on, at=report.entered_at, now=row.received_at)
            case = _case(row, report, _before(reports, place), given_at, age_on(born_on, row.diary_on), met)
            weight_kg = facts.weight_that_counts(known, person, [*case.history, report], case.weight_kg)
            yield replace(case, facts=known, weight_kg=weight_kg)


def _before(reports: Sequence[Report], place: int) -> Sequence[Report]:
    """As many as ``history.reports`` would have found, up to the same day."""
    on = reports[place].on
    known = [report for at, report in enumerate(reports) if report.on <= on and at != place]
    return known[-history.REPORTS :]


def _case(
    row: Diary, report: Report, before: Sequence[Report], given_at: Sequence[datetime], age: int,
    met: dict[int | None, set[str]],
) -> ReplayCase:  # fmt: skip
    """What clinicians had settled by then shows in the flags that were raised: both rules rest on nothing else."""
    rules = met.get(row.id, set())
    return ReplayCase(
        current=report,
        history=before,
        infusions_given_at=given_at,
        age=age,
        weight_kg=row.weight_kg,
        bilirubin_settled="jaundice-red" not in rules,
        rash_assessed="rash-persisting" not in rules,
        recorded=row.severity or None,
    )


def _rules_met(session: Session, participant_id: int) -> dict[int | None, set[str]]:
    rows = session.execute(
        select(Flag.diary_id, Flag.rule_id).where(
            Flag.participant_id == participant_id, Flag.diary_id.is_not(None), Flag.corrected_at.is_(None)
        )
    )
    met: dict[int | None, set[str]] = {}
    for diary_id, rule_id in rows:
        met.setdefault(diary_id, set()).add(rule_id)
    return met


def _given_at(session: Session, participant_id: int) -> tuple[datetime, ...]:
    given = select(Infusion.started_at).where(Infusion.participant_id == participant_id, Infusion.state == "given")
    return tuple(at for at in session.scalars(given.order_by(Infusion.started_at)) if at is not None)


def read_missed_diaries(
    session: Session, person: Participant, reports: Sequence[VerdictPair], in_force: Protocol, proposed: Protocol,
    since: date | None,
) -> list[VerdictPair]:  # fmt: skip
    """Silence under both: each missed diary follows the last day with a report, as that side judged it."""
    statement = select(MissedDiary).where(MissedDiary.participant_id == person.id).order_by(MissedDiary.missed_on)
    if since is not None:
        statement = statement.where(MissedDiary.missed_on >= since)
    given_at = _given_at(session, person.id)
    found = []
    for row in session.scalars(statement):
        at = diary_window(row.missed_on, in_force.diary, person.timezone).closes_at
        last = _of_the_last_day(reports, row.missed_on)
        before = _silence(row.in_row, [pair.in_force for pair in last], at, given_at, in_force)
        after = _silence(row.in_row, [pair.proposed for pair in last], at, given_at, proposed)
        found.append(VerdictPair(row.missed_on, at, before, after, missed=True))
    return found


def _of_the_last_day(reports: Sequence[VerdictPair], before: date) -> list[VerdictPair]:
    last_on = max((pair.on for pair in reports if pair.on < before), default=None)
    return [pair for pair in reports if pair.on == last_on]


def _silence(
    missed: int, last: Sequence[ReplayVerdict], at: datetime, given_at: Sequence[datetime], protocol: Protocol
) -> ReplayVerdict:
    silence = alert_rules.evaluate_missed_diaries(
        missed=missed,
        last_severity=alert_rules.find_worst_severity(verdict.severity for verdict in last),
        missed_at=at,
        infusions_given_at=given_at,
        thresholds=protocol.thresholds,
    )
    rules = frozenset(flag.rule_id for flag in silence.flags)
    return ReplayVerdict(silence.severity, rules, silence.severity)


def read_onsets(session: Session, person: Participant, since: date | None) -> list[RecordedOnset]:
    """Every onset that the newest version of an assessment confirms or suspects."""
    newer = aliased(Assessment)
    is_newest = ~(
        select(newer.id)
        .where(
            newer.participant_id == Assessment.participant_id,
            newer.number == Assessment.number,
            newer.version > Assessment.version,
        )
        .exists()
    )
    statement = select(Assessment.onset_on).where(
        Assessment.participant_id == person.id, Assessment.certainty.in_(WITH_GVHD), is_newest
    )
    days = {on for on in session.scalars(statement) if on is not None and (since is None or on >= since)}
    return [_onset(on, person.timezone) for on in sorted(days)]


def _onset(on: date, timezone: str) -> RecordedOnset:
    span = diary_window(on, protocols.load_protocol().diary, timezone)
    return RecordedOnset(span.opens_at, span.closes_at)
