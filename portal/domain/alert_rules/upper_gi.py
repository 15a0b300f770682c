"""The rules about the stomach: blood in vomit, fluids that do not stay down, and symptoms on several days running."""

from collections.abc import Callable, Iterator
from functools import partial

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.kinds import AlertRule, Flag, Organ, Severity, answer_rule
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.msgid import N_
from portal.domain.reports import Answers, answer_number

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


def _days_rule(name: str, symptom: str, title: str, words: str, *, link_ids: tuple[str, ...] = ()) -> AlertRule:
    return AlertRule(
        id=name,
        organs=(Organ.UPPER_GI,),
        severity=Severity.AMBER,
        symptom=symptom,
        link_ids=link_ids or (symptom,),
        title=title,
        words=words,
        rests_on=("persistence_days",),
        on_device=None,
    )


RUNNING = {
    "nausea": _days_rule("nausea-days", "nausea", N_("Nausea for days"), N_("Nausea on %(days)s days running")),
    "vomiting-count": _days_rule(
        "vomiting-days", "vomiting-count", N_("Vomiting for days"), N_("Vomiting on %(days)s days running")
    ),
    "appetite-loss": _days_rule(
        "appetite-days", "appetite-loss", N_("Poor appetite for days"), N_("Poor appetite on %(days)s days running")
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
    days = {link_id: reading.days_running(_present(link_id)) for link_id in RUNNING}
    lasting = {link_id: length for link_id, length in days.items() if length >= wanted}
    for link_id, length in lasting.items():
        yield RUNNING[link_id].make_flag(days=length)
    together = reading.days_running(_any_present)
    if together >= wanted and not lasting:
        yield MIXED.make_flag(symptom=next(link_id for link_id in days if days[link_id]), days=together)


def _present(link_id: str) -> Callable[[Answers], bool | None]:
    return partial(_is_present, link_id=link_id)


def _is_present(answers: Answers, *, link_id: str) -> bool | None:
    value = answer_number(answers, link_id)
    return None if value is None else value >= 1


def _any_present(answers: Answers) -> bool | None:
    known = [present for link_id in RUNNING if (present := _is_present(answers, link_id=link_id)) is not None]
    return any(known) if known else None
