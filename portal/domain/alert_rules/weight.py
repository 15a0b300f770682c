"""The rules about the body weight: a loss or a gain within two weeks, flagged once a measurement."""

from collections.abc import Iterator

from portal.domain.alert_rules.kinds import AlertRule, Flag, Organ, Severity
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.msgid import N_
from portal.domain.weights import list_weights, weight_change


def _changed(name: str, title: str, words: str) -> AlertRule:
    return AlertRule(
        id=name,
        organs=(Organ.GENERAL,),
        severity=Severity.AMBER,
        symptom="weight",
        link_ids=("weight",),
        title=title,
        words=words,
        rests_on=("weight_change_percent", "weight_window_days"),
        on_device=None,
    )


LOSS = _changed(
    "weight-loss", N_("Weight has fallen"), N_("Weight from %(before)s kg to %(kg)s kg within %(days)s days")
)
GAIN = _changed("weight-gain", N_("Weight has risen"), LOSS.words)

RULES = (LOSS, GAIN)


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of the newest weight. On later reports it is known already."""
    limits = reading.thresholds
    if not limits.weight_change_percent:
        return
    measured = list_weights((*reading.earlier, reading.current), reading.facts.weights)
    known = [one for one in measured if one.measured_at <= reading.current.entered_at]
    change = weight_change(known, on=reading.current.on, days=limits.weight_window_days)
    if change is None:
        return
    damped = reading.last is not None and change.newest.measured_at <= reading.last.entered_at
    kg, days = change.newest.kg, limits.weight_window_days
    if change.loss_percent >= limits.weight_change_percent:
        yield LOSS.make_flag(before=change.highest, kg=kg, days=days, damped=damped)
    elif change.gain_percent >= limits.weight_change_percent:
        yield GAIN.make_flag(before=change.lowest, kg=kg, days=days, damped=damped)
