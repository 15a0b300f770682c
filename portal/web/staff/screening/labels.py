"""Labels for screenings: steps, questions, answers, criterion verdicts and screening states."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Flask
from flask_babel import lazy_gettext as _l

Words = Mapping[str, Any]
STEPS: Final[Words] = {
    "person": _l("Person"),
    "disease": _l("Disease and transplant"),
    "map": _l("MAP of the laboratory"),
    "inclusion": _l("Other inclusion criteria"),
    "exclusion": _l("Exclusion criteria"),
    "consent": _l("Consent"),
}
STATES: Final[Words] = {
    "open": _l("in progress"),
    "failed": _l("screen failure"),
    "allocated": _l("allocated"),
}
VERDICTS: Final[Words] = {"met": _l("met"), "not met": _l("not met"), "unknown": _l("unknown")}
KINDS: Final[Words] = {"inclusion": _l("Inclusion"), "exclusion": _l("Exclusion")}
CONSENTS: Final[Words] = {
    "own": _l("Participant's consent"),
    "guardian": _l("Guardian's consent"),
    "assent": _l("Assent of the participant, who is under 18"),
    "sensitive": _l("Separate consent for sensitive personal data (health)"),
}
ANSWERS: Final[Words] = {
    "yes": _l("Yes"),
    "no": _l("No"),
    "unknown": _l("Not known yet"),
    "zh-CN": _l("Chinese"),
    "en": _l("English"),
}
EXCLUSION_ANSWERS: Final[Words] = {
    "yes": _l("Yes: keeps out"),
    "no": _l("No"),
    "unknown": _l("Not known yet"),
}
CONSENT_ANSWERS: Final[Words] = {"yes": _l("consented"), "no": _l("refused")}
SAMPLE: Final[Words] = {
    "": _l("MAP, as the laboratory reported it"),
    "_assay": _l("Assay"),
    "_laboratory": _l("Laboratory"),
    "_on": _l("Day of the sample"),
    "_variant": _l("Variant of the algorithm (optional)"),
}
CONSENT: Final[Words] = {
    "_version": _l("Version of the form"),
    "_on": _l("Signed on"),
    "_signer": _l("Signed by (name)"),
}
LABELS: Final[Words] = {
    "name": _l("Name"),
    "born_on": _l("Date of birth"),
    "phone": _l("Mobile number (optional)"),
    "language": _l("Language"),
    "guardian_name": _l("Guardian's name"),
    "guardian_phone": _l("Guardian's mobile number (optional)"),
    "haematological_disease": _l("Malignant or non-malignant disease of the blood, after an allogeneic transplant"),
    "diagnosis": _l("Diagnosis (optional)"),
    "transplant_on": _l("Day of the transplant, day 0"),
    "enrol_on": _l("Planned day of enrolment (optional)"),
    "weight_kg": _l("Weight (optional)"),
    "calcineurin_inhibitor": _l("Calcineurin inhibitor (cyclosporine or tacrolimus)"),
    "mycophenolate": _l("Mycophenolate mofetil"),
    "anti_thymocyte_globulin": _l("Rabbit anti-human thymocyte globulin"),
    "methotrexate": _l("Short course of methotrexate (either answer fits)"),
    "survival_weeks": _l("Estimated survival"),
    "ecog": _l("ECOG"),
    "hct_ci": _l("HCT-CI"),
    "first_treatment_on": _l("Planned day of the first study treatment"),
}
HINTS: Final[Words] = {
    "phone": _l("Without a number no texts are sent."),
    "guardian_name": _l("Needed under 18."),
    "enrol_on": _l("Left empty, the day on which the arm is allocated decides."),
    "map_first": _l("Every digit as it stands on the report; nothing is rounded."),
    "map_second": _l("Sampled only when the first was below the bound."),
    "first_treatment_on": _l("Counted from the day of enrolment."),
    "survival_weeks": _l("In the physician's judgement."),
}
SUFFIXES: Final[Words] = {"weight_kg": "kg", "survival_weeks": _l("weeks")}


def init_screening_labels(app: Flask) -> None:
    tables = {
        "screening_step": STEPS,
        "screening_state": STATES,
        "criterion_verdict": VERDICTS,
        "criterion_kind": KINDS,
        "consent": CONSENTS,
        "consent_answer": CONSENT_ANSWERS,
    }
    for name, table in tables.items():
        app.add_template_filter(lambda code, table=table: str(table.get(code, code)), f"{name}_label")
