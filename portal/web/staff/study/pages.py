"""The study for staff: the registry entry, the schedule, the thresholds and clocks, and what awaits confirmation."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any, Final, NamedTuple

from flask import Blueprint, render_template, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import protocols
from portal.domain.access import Permission, is_allowed
from portal.domain.protocol import LocalizedText, Protocol
from portal.extensions import db
from portal.services import study
from portal.web import guards, locale
from portal.web.guards import staff_view
from portal.web.labels.dates import point

# What else is about the study as a whole, for whoever may open it.
LINKS: Final = (
    ("staff_figures.show_study_metrics", Permission.STUDY_READ, _l("Figures")),
    ("staff_rota.show_rota", Permission.STUDY_READ, _l("Rota")),
    ("staff_calculator.show_calculator", Permission.STUDY_READ, _l("MAGIC calculator")),
    ("staff_exports.show_exports", Permission.DATA_EXPORT, _l("Data")),
    ("staff_locks.list_locks", Permission.PARTICIPANTS_READ, _l("Closed data")),
    ("staff_trail.search_events", Permission.AUDIT_READ, _l("Audit log")),
    ("staff_data_queries.list_data_queries", Permission.DATA_QUERIES_READ, _l("Queries about data")),
)

blueprint = Blueprint("staff_study", __name__)

# Words for every value of the protocol that this page shows. ``*`` stands for the code of a list's element.
LABELS: Final = {
    "infusions.per_week": _l("Infusions a week"),
    "infusions.weeks": _l("Weeks of infusions"),
    "infusions.cells_per_kg": _l("Cells for each kilogram, each time"),
    "infusions.spacing_days": _l("Days between two infusions, at least"),
    "infusions.window_days": _l("Days that an infusion may be early or late"),
    "infusions.usual_time": _l("Usual time of an infusion"),
    "infusions.place": _l("Place of the infusion"),
    "infusions.preparation": _l("Preparation for the infusion"),
    "infusions.watch_hours": _l("Hours of watching after an infusion"),
    "infusions.cells_tolerance_percent": _l("Cells as counted may differ from the dose by (per cent)"),
    "visits.*.study_day": _l("Study day"),
    "visits.*.window_days": _l("Days early or late"),
    "diary.questionnaire": _l("Questionnaire of the diary"),
    "diary.post_infusion_questionnaire": _l("Questionnaire after an infusion"),
    "diary.first_study_day": _l("First study day with a diary"),
    "diary.last_study_day": _l("Last study day with a diary"),
    "diary.late_until": _l("A diary is late until, on the next day"),
    "diary.correction_hours": _l("Hours in which a diary may be corrected"),
    "diary.weight_weekday": _l("Weekday of the weight question (1 is Monday)"),
    "reminders.default_at": _l("Daily reminder unless chosen otherwise"),
    "reminders.earliest": _l("Earliest reminder that may be chosen"),
    "reminders.latest": _l("Latest reminder that may be chosen"),
    "reminders.quiet_from": _l("No texts from"),
    "reminders.quiet_until": _l("No texts until"),
    "reminders.infusion_evening_at": _l("Infusion reminder on the evening before"),
    "reminders.infusion_morning_at": _l("Infusion reminder on the morning"),
    "reminders.expires_after_hours": _l("Hours after which a reminder is no longer sent"),
    "reminders.nudge_after_hours": _l("Hours after the reminder until one more text, if the diary has not come"),
    "reminders.daily_cap": _l("Texts a day to one person, at most"),
    "thresholds.fever_red_cel": _l("Fever, red from (°C)"),
    "thresholds.fever_amber_cel": _l("Raised temperature, amber from (°C)"),
    "thresholds.cold_amber_cel": _l("Low temperature, amber below (°C)"),
    "thresholds.rash_amber_percent": _l("Rash, amber from (per cent of body surface)"),
    "thresholds.rash_red_above_percent": _l("Rash, red above (per cent of body surface)"),
    "thresholds.rash_growth_points": _l("Rash growing, amber from (points of body surface)"),
    "thresholds.rash_growth_days": _l("Rash growing: within days"),
    "thresholds.stool_ml.amber": _l("Loose stool, amber from (mL a day)"),
    "thresholds.stool_ml.red": _l("Loose stool, red from (mL a day)"),
    "thresholds.stool_episodes.amber": _l("Loose stool, amber from (times a day)"),
    "thresholds.stool_episodes.red": _l("Loose stool, red from (times a day)"),
    "thresholds.stool_child_ml_per_kg.amber": _l("Loose stool, child scale, amber from (mL/kg a day)"),
    "thresholds.stool_child_ml_per_kg.red": _l("Loose stool, child scale, red from (mL/kg a day)"),
    "thresholds.stool_child_episodes.amber": _l("Loose stool, child scale, amber from (times a day)"),
    "thresholds.stool_child_episodes.red": _l("Loose stool, child scale, red from (times a day)"),
    "thresholds.unmeasured_episode_ml": _l("An unmeasured stool counts as (mL)"),
    "thresholds.unmeasured_episode_child_ml_per_kg": _l("An unmeasured stool counts as, child scale (mL/kg)"),
    "thresholds.pain_amber_score": _l("Abdominal pain, amber from (0-4)"),
    "thresholds.pain_red_score": _l("Abdominal pain, red from (0-4)"),
    "thresholds.score_amber": _l("Any score, amber from (0-4)"),
    "thresholds.score_rise": _l("Any score rising since the last report, amber from (points)"),
    "thresholds.persistence_days": _l("Nausea, vomiting or poor appetite, amber after (days running)"),
    "thresholds.upper_gi_days": _l("Upper GI is persistent after (days running)"),
    "thresholds.vomits_per_day": _l("Upper GI: vomits a day that count"),
    "thresholds.anorexia_weight_loss_days": _l("Poor appetite with weight loss counts after (days)"),
    "thresholds.since_yesterday_days": _l("The last report counts as yesterday's within (days)"),
    "thresholds.after_infusion_hours": _l("New symptoms count as after an infusion within (hours)"),
    "thresholds.child_age_below": _l("Child scale below the age of (years)"),
    "thresholds.child_weight_kg_max": _l("Child scale up to a weight of (kg)"),
    "thresholds.stool_mean_days": _l("Stool volume is taken over (days)"),
    "thresholds.acute_last_study_day": _l("Last study day with an acute grade"),
    "thresholds.missed_call_task": _l("Missed diaries in a row that ask for a call"),
    "thresholds.missed_red": _l("Missed diaries in a row that are red"),
    "thresholds.appetite_baseline_reports": _l("Poor appetite: reports that make a person's own baseline (0: none)"),
    "thresholds.appetite_baseline_look_days": _l(
        "Poor appetite at the baseline is flagged all the same every (days; 0: never)"
    ),
    "thresholds.running_reflag_days": _l("A symptom on days running is flagged again every (days)"),
    "thresholds.rash_assessed_growth_points": _l(
        "An assessed rash is flagged again when larger by (points; 0: every day)"
    ),
    "thresholds.assessment_free_days": _l(
        "A signed assessment holds until the organ was free for (known days; 0: not counted)"
    ),
    "thresholds.weight_change_percent": _l("Weight change, amber from (per cent; 0: none)"),
    "thresholds.weight_loss_percent": _l("Weight loss that counts beside a poor appetite, from (per cent; 0: any)"),
    "thresholds.weight_window_days": _l("Weights are compared within (days)"),
    "thresholds.stool_onset_clear_days": _l("A new onset of loose stool begins after (known days below stage 1)"),
    "thresholds.liver_signs_apart": _l("Dark urine and pale stools are two symptoms"),
    "thresholds.jaundice_settles_below_mg_dl": _l("Only a bilirubin below this settles yellow eyes (mg/dL; 0: any)"),
    "thresholds.jaundice_free_days": _l("Settled yellow eyes begin anew after (known days without)"),
    "thresholds.jaundice_settled_days": _l("Settled yellow eyes begin anew after (days)"),
    "thresholds.bilirubin_normal_days": _l("A normal bilirubin stands for (days)"),
    "thresholds.bilirubin_amber_stage": _l("Bilirubin, amber from liver stage (0: none)"),
    "thresholds.bilirubin_red_stage": _l("Bilirubin, red from liver stage (0: none)"),
    "thresholds.bilirubin_red_rise": _l("Bilirubin, red when up by (stages; 0: none)"),
    "thresholds.reaction_red_grade": _l("Infusion reaction, red from grade (0: none)"),
    "thresholds.after_infusion_by_day": _l("The hours after an infusion count by the day of the diary, too"),
    "thresholds.after_planned_infusion": _l(
        "The hours after an infusion count from a planned one that nobody has recorded yet, too"
    ),
    "thresholds.unsent_red_minutes": _l("Red answers not sent: staff are alerted after (minutes)"),
    "clocks.red_acknowledge_minutes": _l("Red: somebody looks within (minutes)"),
    "clocks.red_second_minutes": _l("Red: the second person is asked after (minutes)"),
    "clocks.red_principal_minutes": _l("Red: the principal investigator is asked after (minutes)"),
    "clocks.amber_acknowledge_working_hours": _l("Amber: somebody looks within (working hours)"),
    "clocks.red_close_hours": _l("Red: closed within (hours)"),
    "clocks.amber_close_hours": _l("Amber: closed within (hours)"),
    "clocks.working_from": _l("Working hours from"),
    "clocks.working_until": _l("Working hours until"),
    "clocks.working_weekdays": _l("Working weekdays (1 is Monday)"),
    "clocks.holidays": _l("Holidays"),
    "clocks.extra_working_days": _l("Weekend days worked in exchange"),
    "clocks.episode_reopen_days": _l("A closed episode is reopened within (days)"),
    "clocks.contact_holds_hours": _l("After a contact the same red sign alerts nobody for (hours)"),
    "clocks.fever_step_cel": _l("Fever that is higher by this alerts again (°C)"),
    "clocks.bilirubin_days": _l("Days until the next scheduled bilirubin"),
    "clocks.bilirubin_days_flagged": _l("Days until the next scheduled bilirubin, while an organ is flagged"),
    "retention.identifier_years": _l("Names and other identifiers are kept after the trial (years)"),
    "eligibility.own_consent_age": _l("Age from which a participant consents alone (years)"),
    "ann_arbor.two_from": _l("Ann Arbor band 2 from a MAP of"),
    "ann_arbor.three_above": _l("Ann Arbor band 3 above a MAP of"),
    "sites.*.ward_phone": _l("Ward phone"),
    "sites.*.urgent_phone": _l("24-hour study number"),
}


GROUPS: Final = {
    "infusions": _l("Infusions"),
    "visits": _l("Visits"),
    "diary": _l("Diary"),
    "reminders": _l("Reminders"),
    "ann_arbor": _l("Ann Arbor bands of the MAP"),
    "thresholds": _l("Thresholds"),
}
FEW: Final = 3
FEW_LISTED: Final = 7


class ProtocolRow(NamedTuple):
    """``awaiting`` when the value rests on an assumption that nobody has confirmed."""

    label: str
    value: str
    awaiting: bool


@blueprint.get("/staff/study")
@staff_view(Permission.STUDY_READ)
def show_protocol() -> str:
    protocol = protocols.load_protocol()
    return render_template(
        "staff/study.html",
        protocol=protocol,
        links=[
            (url_for(to), words) for to, permission, words in LINKS if is_allowed(guards.current_actor(), permission)
        ],
        enrolled=study.count_enrolled(db.session, actor=guards.current_actor()),
        schedule=[(GROUPS[key], protocol_rows(protocol, key)) for key in ("infusions", "visits", "diary", "reminders")],
        thresholds=protocol_rows(protocol, "thresholds"),
        clocks=protocol_rows(protocol, "clocks"),
        awaiting=[_awaiting_row(protocol, one) for one in study.list_open_assumptions(protocol)],
    )


def _awaiting_row(protocol: Protocol, one: study.OpenAssumption) -> tuple[str, str, str]:
    """What awaits confirmation, how it stands now, and why; a whole group is named and shown further below."""
    what = str(GROUPS[one.key]) if one.key in GROUPS else key_label(protocol, one.key)
    now = point("and").join(value_label(value.value, short=True) for value in one.values)
    return what, now if len(one.values) <= FEW else _("see below"), one.why.in_(locale.current_language())


def protocol_rows(protocol: Protocol, key: str) -> list[ProtocolRow]:
    """Every value below a key, except the names of elements, which the labels contain already."""
    found = study.list_protocol_values(study.get_protocol_value(protocol, key), key)
    return [_row(protocol, value) for value in found if not value.key.endswith(".name")]


def _row(protocol: Protocol, value: study.ProtocolValue) -> ProtocolRow:
    awaiting = bool(study.find_assumptions(protocol, value.key))
    return ProtocolRow(key_label(protocol, value.key), value_label(value.value), awaiting)


def key_label(protocol: Protocol, key: str) -> str:
    """The words for a key; for an element of a list with the element's own name in front."""
    if key in LABELS:
        return str(LABELS[key])
    group, code, field = key.split(".")
    element: Any = next(one for one in getattr(protocol, group) if one.code == code)
    return f"{element.name.in_(locale.current_language())}: {LABELS[f'{group}.*.{field}']}"


def value_label(value: object, *, short: bool = False) -> str:
    """A protocol value as people write it; ``short`` counts a long list instead of spelling it out."""
    if isinstance(value, LocalizedText):
        return value.in_(locale.current_language())
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return long_day_label(value)
    if isinstance(value, tuple):
        return str(len(value)) if short and len(value) > FEW_LISTED else _joined(value)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return f"{value:,}" if isinstance(value, int) else str(value)


@blueprint.app_template_filter()
def assumption_label(dedupe_key: str) -> str:
    """The label of ``assumption:clocks.red_close_hours`` as on the study page; a removed key is shown as it is."""
    key = dedupe_key.partition(":")[2]
    return str(GROUPS.get(key) or LABELS.get(key) or key)


@blueprint.app_template_filter()
def long_day_label(day: date) -> str:
    """1 June 2025 / 2025年6月1日."""
    pattern = "y年M月d日" if locale.current_language() == "zh-CN" else "d MMMM y"
    return str(format_date(day, pattern, rebase=False))


def _joined(values: Iterable[object]) -> str:
    return point("and").join(value_label(value) for value in values)
