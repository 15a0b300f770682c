"""The rules about new symptoms after an infusion: anything new is amber, one row each, in its own words."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.domain.alert_rules import general, liver, lower_gi, skin, upper_gi
from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.kinds import SAFETY, AlertRule, Organ, Severity
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.msgid import N_
from portal.domain.reports import Answers


@dataclass(frozen=True, slots=True)
class NewSymptom:
    """A symptom that is amber when it is new after an infusion.

    Either its rule declares the condition, or it is present when one of ``daily``, rules that judge the same answer on
    every day, is met and ``unless`` is not. A phone needs only the daily rules then: to it, everything is new.
    """

    rule: AlertRule
    daily: tuple[AlertRule, ...] = ()
    unless: AlertRule | None = None

    def symptom_in(self, reading: RuleInput) -> str:
        """What the ambers count it by."""
        return liver.liver_symptom(self.daily[0], reading.thresholds) if self.daily else self.rule.symptom

    def condition_in(self, reading: RuleInput) -> Callable[[Answers], bool]:
        """Whether it is present in some answers."""
        present = [reading.condition_of(rule) for rule in self.daily or (self.rule,)]
        absent = [reading.condition_of(self.unless)] if self.unless else []
        return lambda answers: (
            any(is_met(answers) for is_met in present) and not any(is_met(answers) for is_met in absent)
        )


def _rule(
    symptom: str, link_id: str, title: str, words: str, *rests_on: str, own: Comparison | None, name: str
) -> AlertRule:
    return AlertRule(
        id=f"infusion-new-{name}",
        organs=(Organ.INFUSION,),
        severity=Severity.AMBER,
        symptom=symptom,
        link_ids=(link_id,),
        title=title,
        words=words,
        rests_on=("after_infusion_hours", *rests_on),
        on_device=own,
        citation=SAFETY,
    )


def _ticked(code: str, title: str, words: str) -> NewSymptom:
    own = Comparison("infusion-signs", "has", code, after_infusion=True)
    return NewSymptom(_rule(own.on, own.on, title, words, own=own, name=code))


def _scored(link_id: str, title: str, words: str, *, symptom: str | None = None) -> NewSymptom:
    own = Comparison(link_id, ">=", 1, after_infusion=True)
    return NewSymptom(_rule(symptom or link_id, link_id, title, words, own=own, name=symptom or link_id))


def _as_daily(name: str, title: str, words: str, *daily: AlertRule, unless: AlertRule | None = None) -> NewSymptom:
    rests_on = tuple(limit for rule in daily for limit in rule.rests_on)
    rule = _rule(daily[0].symptom, daily[0].link_ids[0], title, words, *rests_on, own=None, name=name)
    return NewSymptom(rule, daily, unless)


NEW_SYMPTOMS = (
    _ticked("headache", N_("New headache after an infusion"), N_("New headache within %(hours)s hours of an infusion")),
    _ticked(
        "other",
        N_("Other new symptom after an infusion"),
        N_("Another new symptom within %(hours)s hours of an infusion, see the diary"),
    ),
    _as_daily(
        "temperature",
        N_("Unusual temperature after an infusion"),
        N_("Temperature newly out of range within %(hours)s hours of an infusion"),
        general.FEVER_AMBER,
        general.COLD_AMBER,
        unless=general.FEVER_RED,
    ),
    _as_daily(
        "confusion",
        N_("Confusion after an infusion"),
        N_("New confusion within %(hours)s hours of an infusion"),
        general.CONFUSION,
    ),
    _as_daily(
        "bleeding",
        N_("Bleeding after an infusion"),
        N_("New bleeding within %(hours)s hours of an infusion"),
        general.BLEEDING,
    ),
    _as_daily(
        "rash",
        N_("New rash after an infusion"),
        N_("New redness or rash within %(hours)s hours of an infusion"),
        skin.NEW,
    ),
    _scored("skin-itch", N_("New itching after an infusion"), N_("New itching within %(hours)s hours of an infusion")),
    _as_daily(
        "skin-damage",
        N_("Blisters or peeling after an infusion"),
        N_("New blisters or peeling skin within %(hours)s hours of an infusion"),
        skin.BLISTERS,
        skin.PEELING,
    ),
    _scored(
        "appetite-loss",
        N_("Poor appetite after an infusion"),
        N_("New loss of appetite within %(hours)s hours of an infusion"),
    ),
    _scored("nausea", N_("New nausea after an infusion"), N_("New nausea within %(hours)s hours of an infusion")),
    _scored(
        "vomiting-count", N_("New vomiting after an infusion"), N_("New vomiting within %(hours)s hours of an infusion")
    ),
    _as_daily(
        "fluids-kept",
        N_("Fluids not kept down after an infusion"),
        N_("Newly cannot keep fluids down within %(hours)s hours of an infusion"),
        upper_gi.FLUIDS,
    ),
    _as_daily(
        "vomit-blood",
        N_("Blood in vomit after an infusion"),
        N_("New blood in vomit within %(hours)s hours of an infusion"),
        upper_gi.BLOOD_RED,
        upper_gi.BLOOD_AMBER,
    ),
    _scored(
        "loose-stool-count",
        N_("New loose stool after an infusion"),
        N_("New loose stool within %(hours)s hours of an infusion"),
        symptom="loose-stool",
    ),
    _as_daily(
        "stool-blood",
        N_("Blood in stool after an infusion"),
        N_("New blood in stool within %(hours)s hours of an infusion"),
        lower_gi.BLOOD_RED,
        lower_gi.BLOOD_AMBER,
    ),
    _scored(
        "abdominal-pain",
        N_("New abdominal pain after an infusion"),
        N_("New abdominal pain within %(hours)s hours of an infusion"),
    ),
    _as_daily(
        "jaundice",
        N_("New yellow eyes or skin after an infusion"),
        N_("New yellow eyes or skin within %(hours)s hours of an infusion"),
        liver.JAUNDICE,
    ),
    _as_daily(
        "dark-urine",
        N_("New dark urine after an infusion"),
        N_("New dark urine within %(hours)s hours of an infusion"),
        liver.DARK_URINE,
    ),
    _as_daily(
        "pale-stools",
        N_("New pale stools after an infusion"),
        N_("New pale stools within %(hours)s hours of an infusion"),
        liver.PALE_STOOLS,
    ),
)
