"""One virtual participant from enrolment to the last diary, judged day by day by the real rules."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from portal.domain.alert_rules import (
    RULES,
    ClinicalFacts,
    Evaluation,
    Flag,
    Organ,
    Severity,
    evaluate_report,
    is_flagged,
)
from portal.domain.magic import Grade, LiverAssessment
from portal.domain.protocol import Protocol
from portal.domain.reports import Report, has_rash
from portal.domain.triage import OpenEpisode, update_episode
from portal.simulation.answering import day_signs, simulated_answers
from portal.simulation.courses import SimulatedParticipant, draw_participant, grade_of_day
from portal.simulation.extra import ExtraAnswers
from portal.simulation.published import published_value

TRANSPLANT_ON: Final = date(2026, 1, 1)
INFUSION_HOUR, DIARY_HOUR = 1, 11  # UTC: 09:00 and 19:00 in Shanghai
PERIODS: Final = (30, 60, 10_000)
DAILY: Final = frozenset(rule.id for rule in RULES if rule.daily)
HISTORY: Final = 30  # as many reports as the portal itself reads


@dataclass(frozen=True, slots=True)
class FirstQualified:
    """The first day on which the disease had reached a grade and showed a sign that the diary asks about.

    ``diary``: one was sent about that day or the next. ``flagged``: one of them, or an earlier one since the first
    sign of GVHD, had a flag of an organ that the disease is in. ``first_organ``: the one that was ill first.
    """

    day: int
    diary: bool
    flagged: bool
    first_organ: str = ""


@dataclass(slots=True)
class SimulatedLife:
    """The result for one participant. ``reds``: red reports; ``red_flags``: the red flags in them.

    ``alerts``: reports that would have alerted staff, when an episode stays open as long as flags join it;
    ``alerts_by_clock``: when every episode is closed at the protocol's own deadline. ``reports_in``: by the last day of
    a period.
    """

    highest: Grade
    days: int = 0
    reports: int = 0
    flagged: int = 0
    reds: int = 0
    red_flags: int = 0
    flagged_while_well: int = 0
    reports_while_well: int = 0
    alerts: int = 0
    alerts_by_clock: int = 0
    reports_in: Counter[int] = field(default_factory=Counter)
    flagged_in: Counter[int] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    qualified: Mapping[str, FirstQualified] = field(default_factory=dict)


GROUPS: Final[Mapping[str, Grade]] = {"II-IV": Grade.II, "III-IV": Grade.III}


def simulate_life(
    number: int, *, seed: int, protocol: Protocol, weights: bool = False, new_signs: bool = False
) -> SimulatedLife:
    """The same number and seed make the same course, whatever the protocol.

    ``weights``: the weight changes and is asked; ``new_signs``: shaking chills and pale stools are noticed. Their
    chance is their own, so that everything else stays as it is without them.
    """
    throw = Random(f"{seed}:{number}")  # noqa: S311 - an invented course, not a secret
    person = draw_participant(throw, protocol)
    first, last = max(person.enrolled_day, protocol.diary.first_study_day), protocol.diary.last_study_day
    grades = {day: grade_of_day(person, day) for day in range(first, last + 1)}
    lived = SimulatedLife(highest=max(grades.values(), key=lambda grade: grade.rank), days=len(grades))
    ward, sent = SimulatedWard(person, protocol), dict[int, Evaluation]()
    ward.extra = ExtraAnswers(person, protocol, f"{seed}:{number}", weights=weights, new_signs=new_signs)
    for day in grades:
        if throw.random() < person.completion:
            sent[day] = ward.judge(day, throw)
            _count(lived, person, day, sent[day])
    lived.alerts, lived.alerts_by_clock = ward.left_open.alerts, ward.by_clock.alerts
    lived.qualified = _qualified(person, sent, grades)
    return lived


def _count(lived: SimulatedLife, person: SimulatedParticipant, day: int, found: Evaluation) -> None:
    well = not person.illnesses or day < min(one.first_day for one in person.illnesses)
    period = next(last for last in PERIODS if day <= last)
    lived.reports += 1
    lived.reports_in[period] += 1
    lived.flagged_in[period] += is_flagged(found.flagged)
    lived.flagged += is_flagged(found.flagged)
    lived.reports_while_well += well
    lived.flagged_while_well += well and is_flagged(found.flagged)
    lived.reds += found.flagged is Severity.RED
    lived.red_flags += sum(flag.severity is Severity.RED for flag in found.news)
    lived.rules.update({flag.rule_id for flag in found.news})


def _qualified(
    person: SimulatedParticipant, sent: Mapping[int, Evaluation], grades: Mapping[int, Grade]
) -> dict[str, FirstQualified]:
    found = {}
    for name, least in GROUPS.items():
        reached = (day for day, grade in grades.items() if grade.rank >= least.rank)
        day = next((day for day in reached if day_signs(person, day, person.illnesses).visible), None)
        if day is not None:
            found[name] = _known(person, sent, day)
    return found


def _known(person: SimulatedParticipant, sent: Mapping[int, Evaluation], day: int) -> FirstQualified:
    first, organs = min(one.first_day for one in person.illnesses), {str(one.organ) for one in person.illnesses}
    near = (found for on, found in sent.items() if first <= on <= day + 1)
    flagged = any(flag.organ in organs for found in near for flag in found.news)
    organ = min(person.illnesses, key=lambda one: one.first_day).organ
    return FirstQualified(day, diary=day in sent or day + 1 in sent, flagged=flagged, first_organ=organ)


@dataclass(slots=True)
class SimulatedEpisodes:
    """One episode an organ, and how many reports have alerted. ``close_hours``: when it is closed, by its severity;
    None leaves it open until nothing has joined it for long.
    """

    close_hours: Mapping[Severity, int] | None = None
    alerts: int = 0
    standing: dict[Organ, tuple[int, OpenEpisode]] = field(default_factory=dict)

    def join(self, day: int, flags: Sequence[Flag]) -> None:
        """One report's flags. Every organ's episode takes its own, whatever the others do."""
        alerting = [self._joined(day, organ, flags) for organ in {flag.organ for flag in flags}]
        self.alerts += any(alerting)

    def _joined(self, day: int, organ: Organ, flags: Sequence[Flag]) -> bool:
        mine = [flag for flag in flags if flag.organ == organ]
        last, before = self.standing.get(organ, (day, None))
        if before and self._is_closed(day - last, before.severity):
            before = None
        after = update_episode(before, mine, None)
        met = (before.rules if before else frozenset()) | {flag.rule_id for flag in mine}
        counted_from = day if after.alert or self.close_hours is None else last
        self.standing[organ] = counted_from, OpenEpisode(after.severity, None, met - DAILY)
        return after.alert

    def _is_closed(self, days: int, severity: Severity) -> bool:
        if self.close_hours is None:
            return days > published_value("episode-days")
        return days * 24 >= self.close_hours[severity]


class SimulatedWard:
    """Judges one participant's reports, and remembers what clinicians have looked at meanwhile."""

    def __init__(self, person: SimulatedParticipant, protocol: Protocol) -> None:
        self.person, self.protocol = person, protocol
        self.history: list[Report] = []
        self.given = tuple(_at(day, INFUSION_HOUR) for day in person.infusion_days)
        self.rash_seen_from: int | None = None
        self.liver_settled_from: int | None = None
        self.signed: dict[Organ, int] = {}
        self.agvhd_from: int | None = None
        self.extra: ExtraAnswers | None = None
        clocks = protocol.clocks
        self.left_open = SimulatedEpisodes()
        self.by_clock = SimulatedEpisodes(
            {Severity.RED: clocks.red_close_hours, Severity.AMBER: clocks.amber_close_hours}
        )

    def judge(self, day: int, throw: Random) -> Evaluation:
        person = self.person
        ill = day_signs(person, day, (*person.illnesses, *person.other))
        answers = simulated_answers(person, ill, throw)
        if self.extra is not None:
            answers = self.extra.added(day, ill, answers, self.history[-HISTORY:])
        report = Report(
            on=TRANSPLANT_ON + timedelta(days=day),
            entered_at=_at(day, DIARY_HOUR),
            answers=answers,
            weight_kg=person.weight_kg,
            study_day=day,
        )
        found = evaluate_report(
            report,
            self.history[-HISTORY:],
            infusions_given_at=self.given,
            age=person.age,
            weight_kg=person.weight_kg,
            thresholds=self.protocol.thresholds,
            bilirubin_settled=self.liver_settled_from is not None and day >= self.liver_settled_from,
            rash_assessed=self.rash_seen_from is not None and day >= self.rash_seen_from,
            facts=self._facts(day),
        )
        self.history.append(report)
        self._look(day, report, found)
        self.left_open.join(day, found.news)
        self.by_clock.join(day, found.news)
        return found

    def _facts(self, day: int) -> ClinicalFacts:
        skin, liver = (self.signed.get(organ) for organ in (Organ.SKIN, Organ.LIVER))
        return ClinicalFacts(
            rash_assessed_at=None if skin is None else _at(skin, INFUSION_HOUR),
            liver_assessed=None if liver is None else LiverAssessment(_at(liver, 0).date(), _at(liver, INFUSION_HOUR)),
            agvhd_recorded=self.agvhd_from is not None and day >= self.agvhd_from,
            day_ends_at=_at(day, 16),
        )

    def _look(self, day: int, report: Report, found: Evaluation) -> None:
        """A clinician comes to what was flagged; a rash or jaundice that went and came back is a new one."""
        rules, looked = {flag.rule_id for flag in found.news}, day + int(published_value("look-days"))
        if not has_rash(report.answers):
            self.rash_seen_from = None
        elif self.rash_seen_from is None:
            self.rash_seen_from = looked
        if report.answers["liver-signs"] == ("none",):
            self.liver_settled_from = None
        elif "jaundice-red" in rules and self.liver_settled_from is None:
            self.liver_settled_from = looked
        self._sign({flag.organ for flag in found.news}, day, looked)

    def _sign(self, flagged: set[Organ], day: int, looked: int) -> None:
        """What was flagged is assessed and signed, and aGVHD recorded when it is there to be found."""
        for organ in flagged & {Organ.SKIN, Organ.LIVER}:
            if self.signed.get(organ, day) <= day:
                self.signed[organ] = looked
        ill = {str(one.organ) for one in self.person.illnesses if one.amount(day) > 0}
        if self.agvhd_from is None and flagged & ill:
            self.agvhd_from = looked


def _at(day: int, hour: int) -> datetime:
    on = TRANSPLANT_ON + timedelta(days=day)
    return datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
