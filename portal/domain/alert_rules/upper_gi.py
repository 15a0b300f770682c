"""Stomach: blood in vomit, fluids that do not stay down, and symptoms on several days running."""

from collections.abc import Callable, Iterator
from functools import partial

from portal.domain.alert_rules.kinds import UKONS, Flag, Organ, Rule, Severity
from portal.domain.alert_rules.reading import Reading
from portal.domain.msgid import N_
from portal.domain.reports import Answers, number

UPPER = (Organ.UPPER_GI,)

BLOOD_RED = Rule(
    id="vomit-blood-red",
    organs=UPPER,
    severity=Severity.RED,
    symptom="vomit-blood",
    link_ids=("vomit-blood",),
    title=N_("Blood in vomit"),
    words=N_("Obvious blood in vomit"),
    citation=UKONS,
)
BLOOD_AMBER = Rule(
    id="vomit-streaks-amber",
    organs=UPPER,
    severity=Severity.AMBER,
    symptom="vomit-blood",
    link_ids=("vomit-blood",),
    title=N_("Streaks of blood in vomit"),
    words=N_("Streaks of blood in vomit"),
    citation=UKONS,
)
FLUIDS = Rule(
    id="fluids-red",
    organs=UPPER,
    severity=Severity.RED,
    symptom="fluids-kept",
    link_ids=("fluids-kept",),
    title=N_("Cannot keep fluids down"),
    words=N_("Cannot keep fluids down"),
    citation=UKONS,
)


def _days_rule(name: str, link_id: str, title: str, words: str) -> Rule:
    return Rule(
        id=name,
        organs=UPPER,
        severity=Severity.AMBER,
        symptom=link_id,
        link_ids=(link_id,),
        title=title,
        words=words,
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
MIXED = Rule(
    id="stomach-days",
    organs=UPPER,
    severity=Severity.AMBER,
    symptom="stomach-trouble",
    link_ids=tuple(RUNNING),
    title=N_("Stomach trouble for days"),
    words=N_("Nausea, vomiting or poor appetite, in turn, on %(days)s days running"),
)

RULES = (BLOOD_RED, BLOOD_AMBER, FLUIDS, *RUNNING.values(), MIXED)


def flags(reading: Reading) -> Iterator[Flag]:
    """What the stomach answers raise."""
    answers = reading.answers
    if answers.get("vomit-blood") == "obvious":
        yield BLOOD_RED.flag()
    if answers.get("vomit-blood") == "streaks":
        yield BLOOD_AMBER.flag()
    if answers.get("fluids-kept") is False:
        yield FLUIDS.flag()
    yield from _running(reading)


def _running(reading: Reading) -> Iterator[Flag]:
    """Each symptom by itself; where none alone has lasted, the three in turn (counted as the first present today)."""
    wanted = reading.thresholds.persistence_days
    days = {link_id: reading.days_running(_present(link_id)) for link_id in RUNNING}
    lasting = {link_id: length for link_id, length in days.items() if length >= wanted}
    for link_id, length in lasting.items():
        yield RUNNING[link_id].flag(days=length)
    together = reading.days_running(_any_present)
    if together >= wanted and not lasting:
        yield MIXED.flag(symptom=next(link_id for link_id in days if days[link_id]), days=together)


def _present(link_id: str) -> Callable[[Answers], bool | None]:
    return partial(_is_present, link_id=link_id)


def _is_present(answers: Answers, *, link_id: str) -> bool | None:
    value = number(answers, link_id)
    return None if value is None else value >= 1


def _any_present(answers: Answers) -> bool | None:
    known = [present for link_id in RUNNING if (present := _is_present(answers, link_id=link_id)) is not None]
    return any(known) if known else None
