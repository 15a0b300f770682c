"""Temperature, warning signs and the immunosuppressant."""

from collections.abc import Iterator, Mapping

from portal.domain.alert_rules.kinds import PROTOCOL, UKONS, Flag, Organ, Rule, Severity
from portal.domain.alert_rules.reading import Reading
from portal.domain.msgid import N_
from portal.domain.reports import chosen, decimal

GENERAL, TEMPERATURE = (Organ.GENERAL,), ("temperature",)

FEVER_RED = Rule(
    id="fever-red",
    organs=GENERAL,
    severity=Severity.RED,
    symptom="temperature",
    link_ids=TEMPERATURE,
    title=N_("Fever"),
    words=N_("Temperature %(value)s °C (red from %(limit)s °C)"),
    citation=UKONS,
)
FEVER_AMBER = Rule(
    id="fever-amber",
    organs=GENERAL,
    severity=Severity.AMBER,
    symptom="temperature",
    link_ids=TEMPERATURE,
    title=N_("Raised temperature"),
    words=N_("Temperature %(value)s °C (amber from %(limit)s °C)"),
    citation=UKONS,
)
COLD_AMBER = Rule(
    id="cold-amber",
    organs=GENERAL,
    severity=Severity.AMBER,
    symptom="temperature",
    link_ids=TEMPERATURE,
    title=N_("Low temperature"),
    words=N_("Temperature %(value)s °C (amber below %(limit)s °C)"),
    citation=UKONS,
)


def _warning(code: str, title: str) -> Rule:
    return Rule(
        id=f"{code}-red",
        organs=GENERAL,
        severity=Severity.RED,
        symptom=code,
        link_ids=("warning-signs",),
        title=title,
        words=title,
        citation=UKONS,
    )


WARNING_SIGNS: Mapping[str, Rule] = {
    "breathlessness": _warning("breathlessness", N_("Breathlessness")),
    "chest-pain": _warning("chest-pain", N_("Chest pain")),
    "fainting": _warning("fainting", N_("Fainting")),
    "confusion": _warning("confusion", N_("Confusion")),
    "bleeding": _warning("bleeding", N_("Bleeding that does not stop")),
}
NOT_KEPT_DOWN = Rule(
    id="immunosuppressant-red",
    organs=GENERAL,
    severity=Severity.RED,
    symptom="immunosuppressant",
    link_ids=("immunosuppressant",),
    title=N_("Immunosuppressant not kept down"),
    words=N_("Could not keep the immunosuppressant down"),
    citation=PROTOCOL,
)
DOSE_MISSED = Rule(
    id="dose-missed",
    organs=GENERAL,
    severity=Severity.AMBER,
    symptom="immunosuppressant",
    link_ids=("immunosuppressant",),
    title=N_("Immunosuppressant missed"),
    words=N_("A dose of the immunosuppressant was missed"),
    citation=PROTOCOL,
)

RULES = (FEVER_RED, FEVER_AMBER, COLD_AMBER, *WARNING_SIGNS.values(), NOT_KEPT_DOWN, DOSE_MISSED)


def flags(reading: Reading) -> Iterator[Flag]:
    """What temperature, warning signs and medicines raise."""
    yield from _temperature(reading)
    signs = chosen(reading.answers, "warning-signs")
    yield from (rule.flag() for code, rule in WARNING_SIGNS.items() if code in signs)
    medicine = reading.answers.get("immunosuppressant")
    if medicine == "not-kept-down":
        yield NOT_KEPT_DOWN.flag()
    if medicine == "missed":
        yield DOSE_MISSED.flag()


def _temperature(reading: Reading) -> Iterator[Flag]:
    value, limits = decimal(reading.answers, "temperature"), reading.thresholds
    if value is None:
        return
    if value >= limits.fever_red_cel:
        yield FEVER_RED.flag(value=value, limit=limits.fever_red_cel)
    elif value >= limits.fever_amber_cel:
        yield FEVER_AMBER.flag(value=value, limit=limits.fever_amber_cel)
    elif value < limits.cold_amber_cel:
        yield COLD_AMBER.flag(value=value, limit=limits.cold_amber_cel)
