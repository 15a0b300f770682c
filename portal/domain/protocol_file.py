"""A protocol file held against the types of ``protocol`` and against itself, before anything relies on it.

``parse`` names every fault at once, each with its dotted key. A check between two values runs whenever both could be
read, so that a fault in one place does not hide one in another.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from operator import le, lt
from typing import Any, Final

from portal.domain.eligibility import INCLUSION_RULES
from portal.domain.errors import PortalError
from portal.domain.protocol import Arm, Criterion, Deadlines, Intervention, Protocol, StudySite, VisitPlan
from portal.domain.typed_reading import TypedReader


class ProtocolFault(PortalError):
    """``faults`` names everything that is wrong with a protocol file: ``dotted.key: what it must be``."""

    code = "protocol-fault"

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("The protocol file is wrong:\n" + "\n".join(faults))
        self.faults = faults


ORDERED: Final[tuple[tuple[str, str, str], ...]] = (
    ("eligibility.day_min", "<=", "eligibility.day_max"),
    ("eligibility.age_min", "<=", "eligibility.age_max"),
    ("eligibility.map_first_day", "<", "eligibility.map_second_day"),
    ("eligibility.map_second_day", "<=", "eligibility.day_max"),
    ("ann_arbor.two_from", "<", "ann_arbor.three_above"),
    ("infusions.window_days", "<", "infusions.spacing_days"),
    ("diary.first_study_day", "<", "diary.last_study_day"),
    ("thresholds.after_infusion_hours", "<=", "infusions.watch_hours"),
    ("reminders.earliest", "<=", "reminders.default_at"),
    ("reminders.default_at", "<=", "reminders.latest"),
    ("reminders.latest", "<=", "reminders.quiet_from"),
    ("reminders.quiet_until", "<=", "reminders.earliest"),
    ("reminders.quiet_until", "<=", "reminders.infusion_morning_at"),
    ("reminders.infusion_morning_at", "<", "reminders.infusion_evening_at"),
    ("reminders.infusion_evening_at", "<=", "reminders.quiet_from"),
    ("thresholds.cold_amber_cel", "<", "thresholds.fever_amber_cel"),
    ("thresholds.fever_amber_cel", "<", "thresholds.fever_red_cel"),
    ("thresholds.rash_amber_percent", "<=", "thresholds.rash_red_above_percent"),
    ("thresholds.stool_ml.amber", "<", "thresholds.stool_ml.red"),
    ("thresholds.stool_episodes.amber", "<", "thresholds.stool_episodes.red"),
    ("thresholds.stool_child_ml_per_kg.amber", "<", "thresholds.stool_child_ml_per_kg.red"),
    ("thresholds.stool_child_episodes.amber", "<", "thresholds.stool_child_episodes.red"),
    ("thresholds.pain_amber_score", "<", "thresholds.pain_red_score"),
    ("thresholds.missed_call_task", "<", "thresholds.missed_red"),
    ("clocks.red_acknowledge_minutes", "<=", "clocks.red_second_minutes"),
    ("clocks.red_second_minutes", "<=", "clocks.red_principal_minutes"),
    ("clocks.working_from", "<", "clocks.working_until"),
    ("registry.start_on", "<", "registry.completion_on"),
)


def parse_protocol(data: Mapping[str, object], *, timezone_exists: Callable[[str], bool]) -> Protocol:
    """The protocol that ``data`` describes, or a ProtocolFault that names everything wrong with it."""
    reading = TypedReader()
    protocol = reading.record(Protocol, data)
    faults = (*reading.faults, *_contradictions(reading.values, timezone_exists), *_idle_assumptions(reading))
    if faults or not isinstance(protocol, Protocol):
        raise ProtocolFault(faults)
    return protocol


def _contradictions(values: Mapping[str, Any], timezone_exists: Callable[[str], bool]) -> Iterator[str]:
    yield from _out_of_order(values)
    for keys, check in CHECKS:
        if all(key in values for key in keys):
            yield from check(*(values[key] for key in keys))
    if "timezone" in values and not timezone_exists(values["timezone"]):
        yield f"timezone: is not a time zone, {values['timezone']}"


def _out_of_order(values: Mapping[str, Any]) -> Iterator[str]:
    orders: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le}
    for low, sign, high in ORDERED:
        if low in values and high in values and not orders[sign](values[low], values[high]):
            yield f"{low}: must be {sign} {high}, is {values[low]} against {values[high]}"


def _idle_assumptions(reading: TypedReader) -> Iterator[str]:
    keys = [value for key, value in reading.values.items() if re.fullmatch(r"assumptions\.\d+\.key", key)]
    yield from _repeated("assumptions", keys)
    yield from (f"assumptions: {key} is not in the file" for key in keys if key not in reading.seen)


def _repeated(key: str, names: Iterable[object]) -> Iterator[str]:
    yield from (f"{key}: has {name} more than once" for name, count in Counter(names).items() if count > 1)


def _check_arms(arms: tuple[Arm, ...], interventions: tuple[Intervention, ...]) -> Iterator[str]:
    known = {intervention.code for intervention in interventions}
    given = {code for arm in arms for code in arm.interventions}
    yield from _repeated("arms", (arm.code for arm in arms))
    yield from _repeated("interventions", (intervention.code for intervention in interventions))
    for arm in arms:
        yield from (
            f"arms.{arm.code}.interventions: {code} is not described" for code in arm.interventions if code not in known
        )
    yield from (f"interventions.{code}: no arm receives it" for code in sorted(known - given))
    if not any(arm.infusions for arm in arms):
        yield "arms: no arm has infusions, yet there is an infusion plan"


def _check_enrolment(arms: tuple[Arm, ...], enrolment: int) -> Iterator[str]:
    planned = sum(arm.planned for arm in arms)
    if planned != enrolment:
        yield f"registry.enrolment: must be the sum of the arms, {planned}, is {enrolment}"


def _check_criteria(criteria: tuple[Criterion, ...]) -> Iterator[str]:
    yield from _repeated("criteria", (criterion.code for criterion in criteria))
    for kind in ("inclusion", "exclusion"):
        numbers = [criterion.number for criterion in criteria if criterion.kind == kind]
        if numbers != list(range(1, len(numbers) + 1)) or not numbers:
            yield f"criteria: {kind} must be numbered 1, 2, 3 and so on, is {numbers}"
    inclusion = {criterion.code for criterion in criteria if criterion.kind == "inclusion"}
    yield from (f"criteria.{code}: no rule decides it" for code in sorted(inclusion - INCLUSION_RULES.keys()))


def _check_week(per_week: int, spacing_days: int) -> Iterator[str]:
    if per_week * spacing_days > 7:
        yield f"infusions.spacing_days: {per_week} a week do not fit {spacing_days} days apart"


def _check_visits(visits: tuple[VisitPlan, ...]) -> Iterator[str]:
    yield from _repeated("visits", (visit.code for visit in visits))
    for one, other in pairwise(visits):
        if one.study_day + one.window_days >= other.study_day - other.window_days:
            yield f"visits.{other.code}: its window must begin after that of {one.code} has ended"


def _check_calendar(clocks: Deadlines) -> Iterator[str]:
    yield from _repeated("clocks.working_weekdays", clocks.working_weekdays)
    yield from _repeated("clocks.holidays", clocks.holidays)
    yield from _repeated("clocks.extra_working_days", clocks.extra_working_days)
    for day in clocks.extra_working_days:
        if day in clocks.holidays:
            yield f"clocks.extra_working_days: {day} is a holiday"
        if day.isoweekday() in clocks.working_weekdays:
            yield f"clocks.extra_working_days: {day} is a working day anyway"


def _check_sites(sites: tuple[StudySite, ...]) -> Iterator[str]:
    yield from _repeated("sites", (site.code for site in sites))
    if not sites:
        yield "sites: must not be empty"


def _check_languages(languages: tuple[str, ...]) -> Iterator[str]:
    if sorted(languages) != ["en", "zh-CN"]:
        yield f"languages: must be en and zh-CN, is {', '.join(languages)}"


def _check_identifiers(nct_id: str, sponsor_id: str, identifiers: tuple[tuple[str, str], ...]) -> Iterator[str]:
    known = {value for _, value in identifiers}
    yield from (f"registry.identifiers: {value} is missing" for value in (nct_id, sponsor_id) if value not in known)


CHECKS: Final[tuple[tuple[tuple[str, ...], Callable[..., Iterator[str]]], ...]] = (
    (("languages",), _check_languages),
    (("arms", "interventions"), _check_arms),
    (("arms", "registry.enrolment"), _check_enrolment),
    (("criteria",), _check_criteria),
    (("infusions.per_week", "infusions.spacing_days"), _check_week),
    (("visits",), _check_visits),
    (("clocks",), _check_calendar),
    (("sites",), _check_sites),
    (("nct_id", "sponsor_id", "registry.identifiers"), _check_identifiers),
)
