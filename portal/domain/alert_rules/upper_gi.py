"""The rules about the stomach: blood in vomit, fluids that do not stay down, and symptoms on several days running."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from statistics import median_low

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.kinds import AlertRule, Flag, Organ, Severity, answer_rule
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.msgid import N_
from portal.domain.reports import Answers, Report, answer_number, run_days, worst_by_day
from portal.domain.thresholds import Thresholds

BLOOD_RED = answer_rule(
    "vomit-blood-red",
    Organ.UPPER_GI,
    Severity.RED,
    Comparison("vomit-blood", "=", "obvious"),
    N_("Blood in vomit"),
    N_("Obvious blood in vomit"),
)
BLOOD_AMBER = answer_rule(
    "vomit-streaks-amber",
    Organ.UPPER_GI,
    Severity.AMBER,
    Comparison("vomit-blood", "=", "streaks"),
    N_("Streaks of blood in vomit"),
    N_("Streaks of blood in vomit"),
)
FLUIDS = answer_rule(
    "fluids-red",
    Organ.UPPER_GI,
    Severity.RED,
    Comparison("fluids-kept", "=", False),
    N_("Cannot keep fluids down"),
    N_("Cannot keep fluids down"),
)


BASELINE = ("appetite_baseline_reports", "appetite_baseline_look_days", "weight_loss_percent", "weight_window_days")


def _days_rule(
    name: str,
    symptom: str,
    title: str,
    words: str,
    *,
    link_ids: tuple[str, ...] = (),
    also_rests_on: tuple[str, ...] = (),
) -> AlertRule:
    return AlertRule(
        id=name,
        organs=(Organ.UPPER_GI,),
        severity=Severity.AMBER,
        symptom=symptom,
        link_ids=link_ids or (symptom,),
        title=title,
        words=words,
        rests_on=("persistence_days", "running_reflag_days", *also_rests_on),
        on_device=None,
    )


RUNNING = {
    "nausea": _days_rule("nausea-days", "nausea", N_("Nausea for days"), N_("Nausea on %(days)s days running")),
    "vomiting-count": _days_rule(
        "vomiting-days", "vomiting-count", N_("Vomiting for days"), N_("Vomiting on %(days)s days running")
    ),
    "appetite-loss": _days_rule(
        "appetite-days",
        "appetite-loss",
        N_("Poor appetite for days"),
        N_("Poor appetite on %(days)s days running"),
        also_rests_on=BASELINE,
    ),
}
MIXED = _days_rule(
    "stomach-days",
    "stomach-trouble",
    N_("Stomach trouble for days"),
    N_("Nausea, vomiting or poor appetite, in turn, on %(days)s days running"),
    link_ids=tuple(RUNNING),
)

RULES = (BLOOD_RED, BLOOD_AMBER, FLUIDS, *RUNNING.values(), MIXED)


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of the stomach answers."""
    yield from reading.make_flags(BLOOD_RED, BLOOD_AMBER, FLUIDS)
    yield from _running(reading)


def _running(reading: RuleInput) -> Iterator[Flag]:
    """Each symptom by itself; where none alone has lasted, the three in turn (counted as the first present today)."""
    wanted = reading.thresholds.persistence_days
    runs = {link_id: reading.run_of(_present(link_id)) for link_id in RUNNING}
    lasting = {link_id: run for link_id, run in runs.items() if len(run) >= wanted}
    for link_id, run in lasting.items():
        damped = not is_due_again(reading, run, link_id) or is_at_baseline(reading, run, link_id)
        yield RUNNING[link_id].make_flag(days=len(run), damped=damped)
    together = reading.run_of(_any_present)
    if len(together) >= wanted and not lasting:
        damped = not any(is_due_again(reading, together, link_id) for link_id in RUNNING)
        first = next(link_id for link_id in runs if runs[link_id])
        yield MIXED.make_flag(symptom=first, days=len(together), damped=damped)


def is_due_again(reading: RuleInput, run: Sequence[date], link_id: str) -> bool:
    """Whether days running are news today: the run has just become long enough, is at one of the days on which it is
    flagged again, or the value is higher than any in it before.
    """
    limits, length = reading.thresholds, len(run)
    if length == limits.persistence_days or length % limits.running_reflag_days == 0:
        return True
    values = worst_by_day(
        (report for report in reading.earlier if report.on in run), partial(answer_number, link_id=link_id)
    )
    now = answer_number(reading.answers, link_id)
    return now is not None and now > max(values.values(), default=-1)


def is_at_baseline(reading: RuleInput, run: Sequence[date], link_id: str) -> bool:
    """Whether a poor appetite is no worse than this person's has always been, as far as that is known.

    Never once aGVHD is in the record, not with a loss of weight, and not on the days on which it is looked at anyway.
    """
    look_days = reading.thresholds.appetite_baseline_look_days
    looked_at = look_days and len(run) % look_days == 0
    if link_id != "appetite-loss" or reading.facts.agvhd_recorded or looked_at:
        return False
    baseline = appetite_baseline(reading.earlier, reading.thresholds)
    score = answer_number(reading.answers, link_id)
    return baseline is not None and score is not None and score <= baseline and not reading.is_weight_lost


def appetite_baseline(reports: Sequence[Report], thresholds: Thresholds) -> int | None:
    """The lowest median of so many known days running, so that it can only fall; None before there are as many.

    ``reports`` are those before the one that is judged: a poor appetite from the first day on is flagged once.
    """
    wanted = thresholds.appetite_baseline_reports
    scores = worst_by_day(reports, partial(answer_number, link_id="appetite-loss"))
    by_day = [scores[on] for on in sorted(scores)]
    if not wanted or len(by_day) < wanted:
        return None
    return min(median_low(by_day[first : first + wanted]) for first in range(len(by_day) - wanted + 1))


def asks_weight(reports: Sequence[Report], on: date, thresholds: Thresholds) -> bool:
    """Whether the diary of ``on`` asks for the weight, because a poor appetite that lasts would be flagged by a loss.

    On the day on which the run is long enough, and on those on which it is flagged again. Never without a baseline.
    """
    if not thresholds.appetite_baseline_reports:
        return False
    before = [report for report in reports if report.on < on]
    length = 1 + len(run_days(worst_by_day(before, _present("appetite-loss"))))
    if length < thresholds.persistence_days:
        return False
    return length == thresholds.persistence_days or length % thresholds.running_reflag_days == 0


def _present(link_id: str) -> Callable[[Answers], bool | None]:
    return partial(_is_present, link_id=link_id)


def _is_present(answers: Answers, *, link_id: str) -> bool | None:
    value = answer_number(answers, link_id)
    return None if value is None else value >= 1


def _any_present(answers: Answers) -> bool | None:
    known = [present for link_id in RUNNING if (present := _is_present(answers, link_id=link_id)) is not None]
    return any(known) if known else None
