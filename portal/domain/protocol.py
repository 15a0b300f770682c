"""The trial as typed, frozen values: what the protocol file says, and nothing else.

A protocol is data (``portal/protocols/*.toml``). Whatever the public record does not settle is listed in
``Protocol.assumptions`` and is shown to staff until the sponsor confirms it. The ``Annotated`` bounds are what a
value may sensibly be; ``protocol_file`` holds a file against them and against itself.

Weekdays are ISO numbers, Monday 1 to Sunday 7 (``date.isoweekday()``). Times are local to ``Protocol.timezone``.
"""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal

from portal.domain.bounds import (
    Amount,
    Bounds,
    Celsius,
    Chinese,
    Count,
    Days,
    Hours,
    Minutes,
    NctId,
    Percent,
    Phone,
    PhoneOrNone,
    Probability,
    TextPattern,
    Version,
    Weekday,
    Weeks,
    Years,
)
from portal.domain.thresholds import AlertBand, Thresholds

__all__ = [
    "AlertBand",
    "Bounds",
    "Celsius",
    "Days",
    "Phone",
    "TextPattern",
    "Thresholds",
]


ArmCode = Literal["imsc", "control"]
Language = Literal["en", "zh-CN"]
CriterionKind = Literal["inclusion", "exclusion"]


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text in both languages."""

    en: str
    zh: Chinese

    def in_(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that the public record does not settle: its dotted ``key`` in the file, and the reason for the value.

    An element of a list is named by its code: ``visits.d28.window_days``.
    """

    key: str
    why: LocalizedText


@dataclass(frozen=True, slots=True)
class Intervention:
    """``registered`` is the registry's own description."""

    code: str
    kind: str
    kind_name: LocalizedText
    name: LocalizedText
    description: LocalizedText
    registered: str


@dataclass(frozen=True, slots=True)
class Arm:
    """``planned`` is the number of participants; ``infusions`` whether the infusion plan is theirs."""

    code: ArmCode
    kind: str
    kind_name: LocalizedText
    name: LocalizedText
    description: LocalizedText
    interventions: tuple[str, ...]
    infusions: bool
    planned: Count


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the registry entry: ``number`` is its place there, ``registered`` its own wording."""

    number: Count
    kind: CriterionKind
    code: str
    registered: str
    plain: LocalizedText


@dataclass(frozen=True, slots=True)
class EligibilityBounds:
    """Every bound is inclusive and nothing is rounded before it is compared.

    From ``own_consent_age`` years on the participant consents alone; before that a guardian consents and the
    participant assents.
    """

    day_min: Days
    day_max: Days
    age_min: Years
    age_max: Years
    own_consent_age: Years
    map_min: Probability
    map_first_day: Days
    map_second_day: Days
    survival_weeks_min: Weeks
    ecog_max: Annotated[int, Bounds(Decimal(0), Decimal(5))]
    hct_ci_max: Annotated[int, Bounds(Decimal(0), Decimal(29))]
    first_treatment_within_days: Days


@dataclass(frozen=True, slots=True)
class AnnArbor:
    """Display bands of the MAP: 1 below ``two_from``, 2 up to and including ``three_above``, 3 beyond."""

    two_from: Probability
    three_above: Probability


@dataclass(frozen=True, slots=True)
class InfusionPlan:
    """``spacing_days`` is the least number of days between two infusions; ``window_days`` either side.

    Cells as counted may be ``cells_tolerance_percent`` away from the dose. Within ``watch_hours`` of an infusion the
    diary asks the post-infusion check and a missed diary is a signal.
    """

    per_week: Annotated[int, Bounds(Decimal(1), Decimal(7))]
    weeks: Weeks
    cells_per_kg: Count
    spacing_days: Days
    window_days: Days
    usual_time: time
    place: LocalizedText
    preparation: LocalizedText
    watch_hours: Hours
    cells_tolerance_percent: Percent = Decimal(10)

    @property
    def count(self) -> int:
        return self.per_week * self.weeks


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """A visit on ``study_day``, or up to ``window_days`` before or after it."""

    code: str
    study_day: Days
    window_days: Days
    name: LocalizedText


@dataclass(frozen=True, slots=True)
class DiaryPlan:
    """The diary is daily from ``first_study_day`` (or enrolment, if later) to ``last_study_day`` after transplant.

    It is on time on its own day, late until ``late_until`` of the next one, and correctable for
    ``correction_hours`` after it was sent.
    """

    questionnaire: str
    post_infusion_questionnaire: str
    first_study_day: Days
    last_study_day: Days
    late_until: time
    correction_hours: Hours
    weight_weekday: Weekday


@dataclass(frozen=True, slots=True)
class Reminders:
    """Local times. A reminder may be chosen between ``earliest`` and ``latest``; nothing is sent in quiet hours.

    ``nudge_after_hours``: how long after the reminder one more text asks for a diary that has not come.
    ``latest`` may equal ``quiet_from``: what falls due at that very minute still goes out.
    """

    default_at: time
    earliest: time
    latest: time
    quiet_from: time
    quiet_until: time
    infusion_evening_at: time
    infusion_morning_at: time
    expires_after_hours: Hours
    nudge_after_hours: Hours
    daily_cap: Annotated[int, Bounds(Decimal(1), Decimal(10))]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Minutes for red run day and night, working hours for amber in working time, hours until closing always.

    ``holidays`` are no working days; ``extra_working_days`` are weekend days worked in exchange.
    For ``contact_holds_hours`` after a contact the same red sign, no worse, is listed and no new alert.
    ``fever_step_cel``: so many degrees more are a step worse. ``bilirubin_days``: so long after a bilirubin the next is
    a task, ``bilirubin_days_flagged`` while an organ is flagged (3: twice a week).
    """

    red_acknowledge_minutes: Minutes
    red_second_minutes: Minutes
    red_principal_minutes: Minutes
    amber_acknowledge_working_hours: Hours
    red_close_hours: Hours
    amber_close_hours: Hours
    working_from: time
    working_until: time
    working_weekdays: tuple[Weekday, ...]
    holidays: tuple[date, ...]
    extra_working_days: tuple[date, ...]
    episode_reopen_days: Days
    contact_holds_hours: Hours = 12
    fever_step_cel: Amount = Decimal(1)
    bilirubin_days: Days = 7
    bilirubin_days_flagged: Days = 3


@dataclass(frozen=True, slots=True)
class Retention:
    """Identifiers are kept for ``identifier_years`` after the trial has ended, or after somebody's own end if later."""

    identifier_years: Years


@dataclass(frozen=True, slots=True)
class StudySite:
    """``urgent_phone`` answers day and night."""

    code: str
    name: LocalizedText
    ward_phone: Phone
    urgent_phone: Phone


@dataclass(frozen=True, slots=True)
class RegistryContact:
    name: LocalizedText
    role: LocalizedText
    affiliation: LocalizedText
    phone: PhoneOrNone


@dataclass(frozen=True, slots=True)
class RelatedTrial:
    nct_id: NctId
    title: str
    status: LocalizedText
    phase: LocalizedText


@dataclass(frozen=True, slots=True)
class Registry:
    """The registry entry in plain words, for *About the study*."""

    title: LocalizedText
    brief_summary: LocalizedText
    detailed_description: LocalizedText
    conditions: LocalizedText
    status: LocalizedText
    phase: LocalizedText
    study_type: LocalizedText
    enrolment: Count
    start_on: date
    completion_on: date
    last_updated_on: date
    results: LocalizedText
    allocation: LocalizedText
    intervention_model: LocalizedText
    model_description: LocalizedText
    purpose: LocalizedText
    masking: LocalizedText
    sex: LocalizedText
    healthy_volunteers: LocalizedText
    sponsor: LocalizedText
    sponsor_class: LocalizedText
    responsible_party: LocalizedText
    investigators: tuple[RegistryContact, ...]
    contacts: tuple[RegistryContact, ...]
    identifiers: tuple[tuple[str, str], ...]
    related: tuple[RelatedTrial, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    nct_id: NctId
    sponsor_id: str
    version: Version
    released_on: date
    short_title: LocalizedText
    languages: tuple[Language, ...]
    timezone: str
    arms: tuple[Arm, ...]
    interventions: tuple[Intervention, ...]
    criteria: tuple[Criterion, ...]
    eligibility: EligibilityBounds
    ann_arbor: AnnArbor
    infusions: InfusionPlan
    visits: tuple[VisitPlan, ...]
    diary: DiaryPlan
    reminders: Reminders
    thresholds: Thresholds
    clocks: Deadlines
    retention: Retention
    sites: tuple[StudySite, ...]
    registry: Registry
    assumptions: tuple[Assumption, ...]
    status: Literal["released", "draft"] = "released"

    def arm(self, code: str) -> Arm:
        return next(arm for arm in self.arms if arm.code == code)

    def site(self, code: str) -> StudySite:
        return next(site for site in self.sites if site.code == code)

    def intervention(self, code: str) -> Intervention:
        return next(intervention for intervention in self.interventions if intervention.code == code)

    def criteria_of(self, kind: CriterionKind) -> tuple[Criterion, ...]:
        """In the order of the registry entry."""
        return tuple(criterion for criterion in self.criteria if criterion.kind == kind)
