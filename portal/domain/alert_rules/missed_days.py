"""The rules about missed diaries.

A missed diary is listed. One after an amber or red report, or soon after an infusion, is amber. Some in a row open a
call task, more are red.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.alert_rules.kinds import AlertRule, Flag, Organ, Severity, find_worst_severity
from portal.domain.alert_rules.reading import within_hours
from portal.domain.msgid import N_
from portal.domain.protocol import Thresholds


def _missed(name: str, severity: Severity, title: str, words: str, *rests_on: str) -> AlertRule:
    return AlertRule(
        id=name,
        organs=(Organ.SILENCE,),
        severity=severity,
        symptom="silence",
        link_ids=(),
        title=title,
        words=words,
        rests_on=rests_on,
        on_device=None,
    )


AFTER_FLAG = _missed(
    "missed-after-flag",
    Severity.AMBER,
    N_("Diary missed after an alert"),
    N_("No diary since a report with an alert; missed in a row: %(missed)s"),
)
AFTER_INFUSION = _missed(
    "missed-after-infusion",
    Severity.AMBER,
    N_("Diary missed after an infusion"),
    N_("No diary within %(hours)s hours of an infusion"),
    "after_infusion_hours",
)
IN_A_ROW = _missed(
    "missed-in-a-row",
    Severity.RED,
    N_("Diaries missed in a row"),
    N_("Diaries missed in a row: %(missed)s (red from %(limit)s)"),
    "missed_red",
)

RULES = (AFTER_FLAG, AFTER_INFUSION, IN_A_ROW)
MISSED_IN_A_ROW = IN_A_ROW.id


@dataclass(frozen=True, slots=True)
class MissedDiaryVerdict:
    """``listed``: staff see the miss. ``call_task``: somebody is to ring. ``severity`` None: no alert."""

    listed: bool
    call_task: bool
    severity: Severity | None
    flags: tuple[Flag, ...]


def missed_in_row(due_on: Collection[date], reported_on: Collection[date], *, paused_on: Collection[date] = ()) -> int:
    """How many of the days on which a diary was due are without a report, counted back from the newest.

    A paused day is not a missed day: it neither counts nor ends the row.
    """
    missed = 0
    for on in sorted(set(due_on) - (set(paused_on) - set(reported_on)), reverse=True):
        if on in reported_on:
            break
        missed += 1
    return missed


def evaluate_missed_diaries(
    *,
    missed: int,
    last_severity: Severity | None,
    missed_at: datetime,
    infusions_given_at: Sequence[datetime],
    thresholds: Thresholds,
) -> MissedDiaryVerdict:
    """Evaluate ``missed`` diaries in a row, the newest of which was due at the instant ``missed_at``.

    ``last_severity`` is that of the last day with a report.
    """
    if missed <= 0:
        return MissedDiaryVerdict(listed=False, call_task=False, severity=None, flags=())
    hours = thresholds.after_infusion_hours
    flags: list[Flag] = []
    if missed >= thresholds.missed_red:
        flags.append(IN_A_ROW.make_flag(missed=missed, limit=thresholds.missed_red))
    if last_severity is not None:
        flags.append(AFTER_FLAG.make_flag(missed=missed))
    if within_hours(missed_at, infusions_given_at, hours):
        flags.append(AFTER_INFUSION.make_flag(hours=hours))
    return MissedDiaryVerdict(
        listed=True,
        call_task=missed >= thresholds.missed_call_task,
        severity=find_worst_severity(flag.severity for flag in flags),
        flags=tuple(flags),
    )
