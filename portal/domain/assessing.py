"""A clinician's findings: validation, and the grade that follows from them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.domain.errors import Invalid
from portal.domain.magic import Grade, at_least, overall_grade
from portal.domain.msgid import N_

HIGHEST = {"skin": 4, "liver": 4, "upper_gi": 1, "lower_gi": 4}
LONGEST = 2000


class Certainty(StrEnum):
    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    NOT_GVHD = "not-gvhd"


@dataclass(frozen=True, slots=True)
class AssessmentFindings:
    """Stages 0-4, None where the organ was not assessed. Local days."""

    assessed_on: date
    skin: int | None
    liver: int | None
    upper_gi: int | None
    lower_gi: int | None
    certainty: str
    onset_on: date | None = None
    cause: str | None = None
    treatment: str | None = None
    treatment_on: date | None = None
    note: str | None = None

    @property
    def grade(self) -> Grade | None:
        """None while an organ was not assessed."""
        return overall_grade(skin=self.skin, liver=self.liver, upper_gi=self.upper_gi, lower_gi=self.lower_gi)

    @property
    def at_least(self) -> Grade:
        return at_least(skin=self.skin, liver=self.liver, upper_gi=self.upper_gi, lower_gi=self.lower_gi)


def check_findings(findings: AssessmentFindings, *, transplant_on: date, today: date) -> None:
    """Invalid, with every problem by field."""
    problems = {name: words for name, words in _problems(findings, transplant_on, today).items() if words}
    if problems:
        raise Invalid(problems=problems)


def _problems(findings: AssessmentFindings, transplant_on: date, today: date) -> dict[str, str | None]:
    stages = {name: getattr(findings, name) for name in HIGHEST}
    found = {name: _stage_problem(stage, HIGHEST[name]) for name, stage in stages.items()}
    if all(stage is None for stage in stages.values()):
        found["skin"] = N_("Assess at least one organ.")
    known = findings.certainty in set(Certainty)
    return {
        **found,
        "assessed_on": None if transplant_on <= findings.assessed_on <= today else N_("Enter a day that has been."),
        "certainty": None if known else N_("Choose one."),
        "onset_on": _onset_problem(findings, transplant_on),
        "cause": _cause_problem(findings),
        "treatment_on": _treatment_problem(findings, transplant_on, today),
        "treatment": _length_problem(findings.treatment),
        "note": _length_problem(findings.note),
    }


def _stage_problem(stage: int | None, highest: int) -> str | None:
    return None if stage is None or 0 <= stage <= highest else N_("There is no such stage.")


def _onset_problem(findings: AssessmentFindings, transplant_on: date) -> str | None:
    if findings.onset_on is None:
        wanted = findings.certainty == Certainty.CONFIRMED and findings.at_least is not Grade.NONE
        return N_("Enter the day of onset.") if wanted else None
    if transplant_on <= findings.onset_on <= findings.assessed_on:
        return None
    return N_("The onset is between the transplant and the day of the assessment.")


def _cause_problem(findings: AssessmentFindings) -> str | None:
    if findings.certainty == Certainty.NOT_GVHD and not findings.cause:
        return N_("Name the cause.")
    return _length_problem(findings.cause)


def _treatment_problem(findings: AssessmentFindings, transplant_on: date, today: date) -> str | None:
    if findings.treatment_on is None:
        return N_("Enter the day on which the treatment was started.") if findings.treatment else None
    if not findings.treatment:
        return N_("Name the treatment above, or leave this empty.")
    return None if transplant_on <= findings.treatment_on <= today else N_("Enter a day that has been.")


def _length_problem(text: str | None) -> str | None:
    return N_("At most 2,000 characters.") if text and len(text) > LONGEST else None
