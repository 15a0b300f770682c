"""The rules about temperature, warning signs and the immunosuppressant."""

from collections.abc import Iterator
from decimal import Decimal

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.kinds import PROTOCOL, AlertRule, Flag, Organ, Severity, answer_rule
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.msgid import N_
from portal.domain.reports import answer_decimal
from portal.domain.thresholds import Thresholds

FEVER_RED = answer_rule(
    "fever-red",
    Organ.GENERAL,
    Severity.RED,
    Comparison("temperature", ">=", "fever_red_cel"),
    N_("Fever"),
    N_("Temperature %(value)s °C (red from %(limit)s °C)"),
)
FEVER_AMBER = answer_rule(
    "fever-amber",
    Organ.GENERAL,
    Severity.AMBER,
    Comparison("temperature", ">=", "fever_amber_cel"),
    N_("Raised temperature"),
    N_("Temperature %(value)s °C (amber from %(limit)s °C)"),
    also_rests_on=("fever_red_cel",),
)
COLD_AMBER = answer_rule(
    "cold-amber",
    Organ.GENERAL,
    Severity.AMBER,
    Comparison("temperature", "<", "cold_amber_cel"),
    N_("Low temperature"),
    N_("Temperature %(value)s °C (amber below %(limit)s °C)"),
)


def _warning(code: str, title: str) -> AlertRule:
    condition = Comparison("warning-signs", "has", code)
    return answer_rule(f"{code}-red", Organ.GENERAL, Severity.RED, condition, title, title, symptom=code)


BREATHLESSNESS = _warning("breathlessness", N_("Breathlessness"))
CHEST_PAIN = _warning("chest-pain", N_("Chest pain"))
FAINTING = _warning("fainting", N_("Fainting"))
CONFUSION = _warning("confusion", N_("Confusion"))
BLEEDING = _warning("bleeding", N_("Bleeding that does not stop"))
SHAKING_CHILLS = _warning("shaking-chills", N_("Shaking chills"))
NOT_KEPT_DOWN = answer_rule(
    "immunosuppressant-red",
    Organ.GENERAL,
    Severity.RED,
    Comparison("immunosuppressant", "=", "not-kept-down"),
    N_("Immunosuppressant not kept down"),
    N_("Could not keep the immunosuppressant down"),
    citation=PROTOCOL,
)
DOSE_MISSED = answer_rule(
    "dose-missed",
    Organ.GENERAL,
    Severity.AMBER,
    Comparison("immunosuppressant", "=", "missed"),
    N_("Immunosuppressant missed"),
    N_("A dose of the immunosuppressant was missed"),
    citation=PROTOCOL,
)

TEMPERATURE = (FEVER_RED, FEVER_AMBER, COLD_AMBER)
BY_ONE_ANSWER = (BREATHLESSNESS, CHEST_PAIN, FAINTING, CONFUSION, BLEEDING, SHAKING_CHILLS, NOT_KEPT_DOWN, DOSE_MISSED)
RULES = (*TEMPERATURE, *BY_ONE_ANSWER)


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of temperature, warning signs and medicines."""
    value, rule = answer_decimal(reading.answers, "temperature"), reading.first_met(*TEMPERATURE)
    if value is not None and rule is not None:
        yield rule.make_flag(value=value, limit=reading.limit_of(rule))
    yield from reading.make_flags(*BY_ONE_ANSWER)


def evaluate_temperature(celsius: Decimal, *, thresholds: Thresholds) -> tuple[Flag, ...]:
    """The flag of a temperature that staff have recorded: as in a diary. At most one."""
    answers = {"temperature": celsius}
    for rule in TEMPERATURE:
        if rule.on_device is not None and rule.on_device.is_met(answers, age=0, thresholds=thresholds):
            return (rule.make_flag(value=celsius, limit=rule.on_device.resolve_value(thresholds)),)
    return ()
