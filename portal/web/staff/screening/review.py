"""The review page of a screening: the state of each step and criterion, and what may be done next."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from flask import render_template, request, url_for

from portal import protocols
from portal.domain import screening as rules
from portal.domain.access import Permission, is_allowed
from portal.domain.eligibility import CriterionFinding, CriterionVerdict, EligibilityOutcome
from portal.domain.errors import Invalid
from portal.domain.screening import ConsentKind, ScreeningState, ScreeningStep
from portal.extensions import db
from portal.services import participants, screening
from portal.web import guards
from portal.web.forms import Form

ADULT: Final = (ConsentKind.OWN, ConsentKind.SENSITIVE)
MINOR: Final = (ConsentKind.GUARDIAN, ConsentKind.ASSENT, ConsentKind.SENSITIVE)


@dataclass(frozen=True, slots=True)
class StepRow:
    """``standing``: not-begun, open (something is unknown), keeps-out or done."""

    step: ScreeningStep
    standing: str


@dataclass(frozen=True, slots=True)
class MapSample:
    """A MAP as the laboratory reported it; ``day`` counts from the transplant, ``wanted`` is the protocol's."""

    value: str
    assay: str
    laboratory: str
    on: date
    variant: str | None
    day: int | None
    wanted: int
    band: int


def read_version() -> int:
    """The version that the form was made from. ``Invalid`` where it was cut away."""
    given = request.form.get("version", "")
    if not (given.isdecimal() and len(given) < 10):
        raise Invalid
    return int(given)


def render_review(number: str, form: Form | None = None) -> str:
    """``form``: of the decision that was refused; its one field is the reason."""
    problems = form.problems if form else {}
    actor, now = guards.current_actor(), guards.request_time()
    seen = screening.get_screening(db.session, actor=actor, number=number, now=now)
    wanted = MINOR if seen.standing.minor else ADULT
    return render_template(
        "staff/screening/review.html",
        seen=seen,
        steps=[_row(step, seen, wanted) for step in ScreeningStep],
        samples=list_samples(seen),
        consents=[(kind, seen.standing.consents.get(kind)) for kind in wanted],
        decisive=list_decisive(seen),
        problems=problems,
        conflict=problems.get(""),
        typed=request.form,
        may_reopen=is_allowed(actor, Permission.SCREENING_REOPEN, site=seen.site),
        **_enrolled(seen),
    )


def _enrolled(seen: screening.ScreeningView) -> dict[str, Any]:
    """The participant that came of it: who gets a card, and whether there is a plan to make."""
    if seen.state is not ScreeningState.ALLOCATED:
        return {"person_page": None}
    actor = guards.current_actor()
    person = participants.get_participant_page(
        db.session, actor=actor, study_number=str(seen.study_number), now=guards.request_time()
    )
    arm = next(one for one in protocols.load_protocol().arms if one.code == person.arm)
    return {
        "person_page": person,
        "arm": arm,
        "may_issue": is_allowed(actor, Permission.CARDS_ISSUE, site=seen.site),
        "may_plan": arm.infusions and is_allowed(actor, Permission.INFUSIONS_ACT, site=seen.site),
        "plan_address": url_for("staff_infusions.show_plan_form", study_number=seen.study_number),
    }


def _row(step: ScreeningStep, seen: screening.ScreeningView, consents: tuple[ConsentKind, ...]) -> StepRow:
    if step not in seen.saved:
        return StepRow(step, "not-begun")
    findings = rules.select_findings(step, seen.standing.findings)
    given = {seen.standing.consents.get(kind) for kind in consents} if step is ScreeningStep.CONSENT else {True}
    if False in given or any(one.keeps_out for one in findings):
        return StepRow(step, "keeps-out")
    unknown = None in given or any(one.verdict is CriterionVerdict.UNKNOWN for one in findings)
    return StepRow(step, "open" if unknown else "done")


def list_samples(seen: screening.ScreeningView) -> list[MapSample]:
    """Those that were entered; a step saves value, assay, laboratory and day together."""
    protocol, answers = protocols.load_protocol(), seen.answers
    bounds = protocol.eligibility
    transplant_on = rules.read_day(answers.get("transplant_on"))
    found = []
    for name, wanted in zip(rules.SAMPLES, (bounds.map_first_day, bounds.map_second_day), strict=True):
        on = rules.read_day(answers.get(f"{name}_on"))
        if name in answers and on:
            found.append(
                MapSample(
                    value=answers[name],
                    assay=answers[f"{name}_assay"],
                    laboratory=answers[f"{name}_laboratory"],
                    on=on,
                    variant=answers.get(f"{name}_variant"),
                    day=(on - transplant_on).days if transplant_on else None,
                    wanted=wanted,
                    band=rules.map_band(Decimal(answers[name]), protocol.ann_arbor),
                )
            )
    return found


def list_decisive(seen: screening.ScreeningView) -> list[CriterionFinding]:
    """What keeps the person out, or else what is not known yet; of a screen failure, what was decided."""
    stands = seen.standing
    if seen.state is ScreeningState.FAILED:
        told = {(kind, number) for kind, number in seen.decision["criteria"]}
        return [one for one in stands.findings if (one.criterion.kind, one.criterion.number) in told]
    if stands.outcome is EligibilityOutcome.NOT_ELIGIBLE:
        return [one for one in stands.findings if one.keeps_out]
    return [one for one in stands.findings if one.verdict is CriterionVerdict.UNKNOWN]
