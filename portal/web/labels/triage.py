"""Labels for triage's stored codes: evidence, severity, organ, stage, state, step, outcome, deadline and strip."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from flask import get_template_attribute
from flask.sansio.app import App
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.alert_rules import RULES, Evidence
from portal.services.triage import StripDay
from portal.web.labels.dates import point, short_day_label

Words = Mapping[str, Any]
SEVERITIES: Final[Words] = {"red": _l("Red"), "amber": _l("Amber")}
ORGANS: Final[Words] = {
    "skin": _l("Skin"),
    "upper_gi": _l("Stomach (upper GI)"),
    "lower_gi": _l("Bowel (lower GI)"),
    "liver": _l("Liver"),
    "general": _l("General"),
    "infusion": _l("After an infusion"),
}
STATES: Final[Words] = {
    "new": _l("new"),
    "claimed": _l("claimed"),
    "contacted": _l("contacted"),
    "waiting": _l("waiting"),
    "closed": _l("closed"),
}
OUTCOMES: Final[Words] = {
    "agvhd-suspected": _l("Acute GVHD suspected"),
    "other-cause": _l("Another cause"),
    "advice-given": _l("Advice given"),
    "false-alarm": _l("False alarm"),
    "duplicate": _l("Duplicate"),
    "unreachable": _l("Participant could not be reached"),
}
STEPS: Final[Words] = {
    "open": _l("Opened by a report"),
    "join": _l("Another report, not worse"),
    "worsen": _l("A report that is worse: to be looked at again"),
    "recur": _l("Reopened by a new report"),
    "claim": _l("Claimed"),
    "contact": _l("Participant contacted"),
    "wait": _l("Set to waiting"),
    "note": _l("Note"),
    "correct": _l("Corrected by the participant"),
    "take-back": _l("Red taken back by the participant"),
    "hand-over": _l("Handed over"),
    "close": _l("Closed"),
    "reopen": _l("Reopened"),
}
WAITING_FOR: Final[Words] = {
    "visit": _l("a visit"),
    "laboratory": _l("a laboratory result"),
    "participant": _l("the participant"),
}
ARMS: Final[Words] = {"imsc": _l("iMSC arm"), "control": _l("Control arm")}
STATUSES: Final[Words] = {
    "active": _l("active"),
    "paused": _l("paused"),
    "completed": _l("completed"),
    "withdrawn": _l("withdrawn"),
    "lost": _l("lost to follow-up"),
    "died": _l("died"),
}
TIMINGS: Final[Words] = {
    "on-time": _l("on time"),
    "late": _l("late"),
    "beyond": _l("too late to count, kept as a report"),
}
ROLES: Final[Words] = {
    "participant": _l("participant"),
    "guardian": _l("guardian"),
    "caregiver": _l("caregiver"),
    "coordinator": _l("coordinator"),
    "investigator": _l("investigator"),
    "data-manager": _l("data manager"),
    "monitor": _l("monitor"),
    "statistician": _l("statistician"),
    "administrator": _l("administrator"),
}
SCALES: Final[Words] = {"adult": _l("adult scale"), "child": _l("child scale")}
LANGUAGES: Final[Words] = {"en": "English", "zh-CN": "中文"}
LEVELS: Final[Words] = {
    "quiet": _l("nothing flagged"),
    "amber": _l("amber"),
    "red": _l("red"),
    "missed": _l("no diary"),
    "outside": _l("no diary due"),
}
MARKS: Final = {
    "quiet": ("0", "·"),
    "amber": ("2", "▲"),
    "red": ("3", "◆"),
    "missed": ("missed", "–"),
    "outside": ("unknown", ""),
}
RULE_TITLES: Final = {rule.id: rule.title for rule in RULES}
TABLES: Final[Mapping[str, Words]] = {
    "severity": SEVERITIES,
    "organ": ORGANS,
    "episode_state": STATES,
    "outcome": OUTCOMES,
    "waiting_for": WAITING_FOR,
    "step": STEPS,
    "arm": ARMS,
    "status": STATUSES,
    "timing": TIMINGS,
    "role": ROLES,
    "scale": SCALES,
    "language_name": LANGUAGES,
}


def init_triage_labels(app: App) -> None:
    """Give templates every table above as a filter, and the sentences below."""
    for name, table in TABLES.items():
        app.add_template_filter(_lookup(table), f"{name}_label")
    for words in (evidence_label, evidence_labels, stage_label, deadline_label, rule_label, strip_days):
        app.add_template_filter(words)


def _lookup(table: Words) -> Any:
    def filtered(code: str | None) -> str:
        return str(table.get(code, code)) if code else str(_("not known"))

    return filtered


def evidence_label(evidence: Evidence) -> str:
    """``Temperature 38.4 °C (red from 38 °C)``; what it rests on follows behind a colon."""
    words = str(_(evidence.msgid)) % dict(evidence.params)
    if not evidence.parts:
        return words
    return str(_("%(what)s: %(parts)s", what=words, parts=point("semicolon").join(map(evidence_label, evidence.parts))))


def evidence_labels(found: Iterable[Evidence]) -> list[str]:
    """Each evidence in words, without repeating what another one already says."""
    return list(dict.fromkeys(evidence_label(evidence) for evidence in found))


def rule_label(rule_id: str) -> str:
    """A rule's title; the bare id of one that is no longer in the rules."""
    return str(_(RULE_TITLES[rule_id])) if rule_id in RULE_TITLES else rule_id


def stage_label(stage: int | None) -> str:
    """``stage 2 (patient-reported)``; unknown is "not assessed", never 0."""
    return str(_("not assessed") if stage is None else _("stage %(stage)s (patient-reported)", stage=stage))


def deadline_label(by_at: datetime, now: datetime) -> str:
    """``40 min left`` or ``overdue by 2 h 5 min``."""
    if by_at >= now:
        return str(_("%(span)s left", span=duration_label(by_at - now)))
    return str(_("overdue by %(span)s", span=duration_label(now - by_at)))


def duration_label(span: timedelta) -> str:
    """Whole minutes below a day, days and hours from there on; never negative."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < 60:
        return str(_("%(minutes)s min", minutes=minutes))
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes))
    days, hours = divmod(hours, 24)
    return str(ngettext("%(num)s day %(hours)s h", "%(num)s days %(hours)s h", days, hours=hours))


def strip_days(days: Iterable[StripDay], infusion_days: Collection[date] = ()) -> list[dict[str, object]]:
    """For ``components/strip.html``."""
    language = str(get_locale())
    return [_strip_day(language, day.on, day.level, day.on in infusion_days) for day in days]


@lru_cache(maxsize=10_000)
def _strip_day(_language: str, on: date, level: str, infusion: bool) -> dict[str, object]:
    """Kept by language: a list of the ward shows the same few days many hundred times.

    Without this the triage list takes 48 % more processor time, a participant's page 21 %.
    """
    stage, mark = MARKS[level]
    words = _("%(day)s: %(level)s", day=short_day_label(on), level=LEVELS[level])
    if infusion:
        words = _("%(words)s, infusion", words=words)
    day: dict[str, object] = {"stage": stage, "mark": mark, "words": words, "infusion": infusion}
    return day | {"drawn": get_template_attribute("components/strip_day.html", "strip_day")(day)}
