"""The trial as typed, frozen values: what the protocol file says, and nothing else.

A protocol is data (``portal/protocols/*.toml``). Whatever the public record does not settle is listed in
``Protocol.assumptions`` and is shown to staff until the sponsor confirms it.
"""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Literal

ArmCode = Literal["imsc", "control"]
Language = Literal["en", "zh-CN"]


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages."""

    en: str
    zh: str

    def in_(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that the public record does not settle: the key it stands for, why, and what would settle it."""

    key: str
    why: Words


@dataclass(frozen=True, slots=True)
class Intervention:
    code: str
    kind: str
    name: Words
    description: Words


@dataclass(frozen=True, slots=True)
class Arm:
    code: ArmCode
    kind: str
    name: Words
    interventions: tuple[str, ...]
    infusions: bool


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the registry entry: ``number`` is its place there, ``registered`` its own wording."""

    number: int
    kind: Literal["inclusion", "exclusion"]
    code: str
    registered: str
    plain: Words


@dataclass(frozen=True, slots=True)
class EligibilityBounds:
    """Every bound is inclusive and nothing is rounded before it is compared."""

    day_min: int
    day_max: int
    age_min: int
    age_max: int
    map_min: Decimal
    map_first_day: int
    map_second_day: int
    survival_weeks_min: int
    ecog_max: int
    hct_ci_max: int
    first_treatment_within_days: int


@dataclass(frozen=True, slots=True)
class InfusionPlan:
    """``spacing_days`` is the least number of days between two infusions; ``window_days`` either side."""

    per_week: int
    weeks: int
    cells_per_kg: int
    spacing_days: int
    window_days: int
    usual_time: time
    place: Words
    preparation: Words
    watch_hours: int

    @property
    def count(self) -> int:
        return self.per_week * self.weeks


@dataclass(frozen=True, slots=True)
class VisitPlan:
    code: str
    study_day: int
    window_days: int
    name: Words


@dataclass(frozen=True, slots=True)
class DiaryPlan:
    """The diary is daily from ``first_study_day`` (or enrolment, if later) to ``last_study_day`` after transplant."""

    questionnaire: str
    post_infusion_questionnaire: str
    first_study_day: int
    last_study_day: int
    late_until: time
    correction_hours: int
    weight_weekday: int


@dataclass(frozen=True, slots=True)
class Reminders:
    """Local times. A reminder may be chosen between ``earliest`` and ``latest``; nothing is sent in quiet hours."""

    default_at: time
    earliest: time
    latest: time
    quiet_from: time
    quiet_until: time
    infusion_evening_at: time
    infusion_morning_at: time
    expires_after_hours: int
    daily_cap: int


@dataclass(frozen=True, slots=True)
class Band:
    """``amber`` from this value, ``red`` from that one, both inclusive."""

    amber: Decimal
    red: Decimal


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every number in CLINICAL section 4; the unit stands in the name."""

    fever_red_cel: Decimal
    fever_amber_cel: Decimal
    cold_amber_cel: Decimal
    rash_amber_percent: Decimal
    rash_red_above_percent: Decimal
    rash_growth_points: Decimal
    rash_growth_days: int
    stool_ml: Band
    stool_episodes: Band
    stool_child_ml_per_kg: Band
    stool_child_episodes: Band
    unmeasured_episode_ml: Decimal
    unmeasured_episode_child_ml_per_kg: Decimal
    pain_amber_score: int
    pain_red_score: int
    score_amber: int
    score_rise: int
    persistence_days: int
    upper_gi_days: int
    vomits_per_day: int
    anorexia_weight_loss_days: int
    since_yesterday_days: int
    after_infusion_hours: int
    child_age_below: int
    child_weight_kg_max: Decimal
    stool_mean_days: int
    acute_last_study_day: int


@dataclass(frozen=True, slots=True)
class Clocks:
    red_acknowledge_minutes: int
    red_second_minutes: int
    red_principal_minutes: int
    amber_acknowledge_working_hours: int
    working_from: time
    working_until: time
    working_weekdays: tuple[int, ...]
    holidays: tuple[date, ...]
    extra_working_days: tuple[date, ...]
    episode_reopen_days: int


@dataclass(frozen=True, slots=True)
class Site:
    code: str
    name: Words
    ward_phone: str
    urgent_phone: str


@dataclass(frozen=True, slots=True)
class RegistryContact:
    name: Words
    role: Words
    affiliation: Words
    phone: str


@dataclass(frozen=True, slots=True)
class RelatedTrial:
    nct_id: str
    title: str
    status: Words
    phase: Words


@dataclass(frozen=True, slots=True)
class Registry:
    """The registry entry in plain words, for *About the study*."""

    title: Words
    brief_summary: Words
    detailed_description: Words
    conditions: Words
    status: Words
    phase: Words
    study_type: Words
    enrolment: int
    start_on: date
    completion_on: date
    last_updated_on: date
    results: Words
    allocation: Words
    intervention_model: Words
    model_description: Words
    purpose: Words
    masking: Words
    sex: Words
    healthy_volunteers: Words
    sponsor: Words
    sponsor_class: Words
    responsible_party: Words
    investigators: tuple[RegistryContact, ...]
    contacts: tuple[RegistryContact, ...]
    identifiers: tuple[tuple[str, str], ...]
    related: tuple[RelatedTrial, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    nct_id: str
    sponsor_id: str
    version: str
    released_on: date
    short_title: Words
    languages: tuple[Language, ...]
    timezone: str
    arms: tuple[Arm, ...]
    interventions: tuple[Intervention, ...]
    criteria: tuple[Criterion, ...]
    eligibility: EligibilityBounds
    infusions: InfusionPlan
    visits: tuple[VisitPlan, ...]
    diary: DiaryPlan
    reminders: Reminders
    thresholds: Thresholds
    clocks: Clocks
    sites: tuple[Site, ...]
    registry: Registry
    assumptions: tuple[Assumption, ...]

    def arm(self, code: str) -> Arm:
        return next(arm for arm in self.arms if arm.code == code)

    def site(self, code: str) -> Site:
        return next(site for site in self.sites if site.code == code)
