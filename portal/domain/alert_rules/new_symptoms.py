"""What counts as a symptom when anything new after an infusion is amber: one row each, in its own words."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.domain.alert_rules.kinds import SAFETY, Organ, Rule, Severity
from portal.domain.alert_rules.reading import Sign
from portal.domain.msgid import N_
from portal.domain.protocol import Thresholds
from portal.domain.reports import Answers, chosen, decimal, has_rash, number

Present = Callable[[Answers, Thresholds], bool]


@dataclass(frozen=True, slots=True)
class NewSymptom:
    """A symptom that is amber when it is new after an infusion."""

    rule: Rule
    present: Present

    def sign(self, limits: Thresholds) -> Sign:
        """Whether it is present in some answers, under these thresholds."""
        return lambda answers: self.present(answers, limits)


def _new(symptom: str, link_id: str, title: str, words: str, present: Present, *, suffix: str = "") -> NewSymptom:
    rule = Rule(
        id=f"infusion-new-{suffix or symptom}",
        organs=(Organ.INFUSION,),
        severity=Severity.AMBER,
        symptom=symptom,
        link_ids=(link_id,),
        title=title,
        words=words,
        citation=SAFETY,
    )
    return NewSymptom(rule, present)


def _scored(link_id: str) -> Present:
    return lambda answers, _: (number(answers, link_id) or 0) >= 1


def _ticked(link_id: str, code: str) -> Present:
    return lambda answers, _: code in chosen(answers, link_id)


def _bleeds(link_id: str) -> Present:
    return lambda answers, _: answers.get(link_id) in ("streaks", "obvious")


def _damaged_skin(answers: Answers, _: Thresholds) -> bool:
    return True in (answers.get("skin-blisters"), answers.get("skin-peeling"))


def _unusual_temperature(answers: Answers, limits: Thresholds) -> bool:
    value = decimal(answers, "temperature")
    return value is not None and (
        limits.fever_amber_cel <= value < limits.fever_red_cel or value < limits.cold_amber_cel
    )


NEW_SYMPTOMS = (
    _new(
        "infusion-signs",
        "infusion-signs",
        N_("New headache after an infusion"),
        N_("New headache within %(hours)s hours of an infusion"),
        _ticked("infusion-signs", "headache"),
        suffix="headache",
    ),
    _new(
        "infusion-signs",
        "infusion-signs",
        N_("Other new symptom after an infusion"),
        N_("Another new symptom within %(hours)s hours of an infusion, see the diary"),
        _ticked("infusion-signs", "other"),
        suffix="other",
    ),
    _new(
        "temperature",
        "temperature",
        N_("Unusual temperature after an infusion"),
        N_("Temperature newly out of range within %(hours)s hours of an infusion"),
        _unusual_temperature,
    ),
    _new(
        "confusion",
        "warning-signs",
        N_("Confusion after an infusion"),
        N_("New confusion within %(hours)s hours of an infusion"),
        _ticked("warning-signs", "confusion"),
    ),
    _new(
        "bleeding",
        "warning-signs",
        N_("Bleeding after an infusion"),
        N_("New bleeding within %(hours)s hours of an infusion"),
        _ticked("warning-signs", "bleeding"),
    ),
    _new(
        "rash",
        "skin-change",
        N_("New rash after an infusion"),
        N_("New redness or rash within %(hours)s hours of an infusion"),
        lambda answers, _: has_rash(answers),
    ),
    _new(
        "skin-itch",
        "skin-itch",
        N_("New itching after an infusion"),
        N_("New itching within %(hours)s hours of an infusion"),
        _scored("skin-itch"),
    ),
    _new(
        "skin-damage",
        "skin-blisters",
        N_("Blisters or peeling after an infusion"),
        N_("New blisters or peeling skin within %(hours)s hours of an infusion"),
        _damaged_skin,
    ),
    _new(
        "appetite-loss",
        "appetite-loss",
        N_("Poor appetite after an infusion"),
        N_("New loss of appetite within %(hours)s hours of an infusion"),
        _scored("appetite-loss"),
    ),
    _new(
        "nausea",
        "nausea",
        N_("New nausea after an infusion"),
        N_("New nausea within %(hours)s hours of an infusion"),
        _scored("nausea"),
    ),
    _new(
        "vomiting-count",
        "vomiting-count",
        N_("New vomiting after an infusion"),
        N_("New vomiting within %(hours)s hours of an infusion"),
        _scored("vomiting-count"),
    ),
    _new(
        "fluids-kept",
        "fluids-kept",
        N_("Fluids not kept down after an infusion"),
        N_("Newly cannot keep fluids down within %(hours)s hours of an infusion"),
        lambda answers, _: answers.get("fluids-kept") is False,
    ),
    _new(
        "vomit-blood",
        "vomit-blood",
        N_("Blood in vomit after an infusion"),
        N_("New blood in vomit within %(hours)s hours of an infusion"),
        _bleeds("vomit-blood"),
    ),
    _new(
        "loose-stool",
        "loose-stool-count",
        N_("New loose stool after an infusion"),
        N_("New loose stool within %(hours)s hours of an infusion"),
        _scored("loose-stool-count"),
    ),
    _new(
        "stool-blood",
        "stool-blood",
        N_("Blood in stool after an infusion"),
        N_("New blood in stool within %(hours)s hours of an infusion"),
        _bleeds("stool-blood"),
    ),
    _new(
        "abdominal-pain",
        "abdominal-pain",
        N_("New abdominal pain after an infusion"),
        N_("New abdominal pain within %(hours)s hours of an infusion"),
        _scored("abdominal-pain"),
    ),
    _new(
        "liver-signs",
        "liver-signs",
        N_("New yellow eyes or skin after an infusion"),
        N_("New yellow eyes or skin within %(hours)s hours of an infusion"),
        _ticked("liver-signs", "yellow"),
        suffix="jaundice",
    ),
    _new(
        "liver-signs",
        "liver-signs",
        N_("New dark urine after an infusion"),
        N_("New dark urine within %(hours)s hours of an infusion"),
        _ticked("liver-signs", "dark-urine"),
        suffix="dark-urine",
    ),
    _new(
        "liver-signs",
        "liver-signs",
        N_("New pale stools after an infusion"),
        N_("New pale stools within %(hours)s hours of an infusion"),
        _ticked("liver-signs", "pale-stools"),
        suffix="pale-stools",
    ),
)
