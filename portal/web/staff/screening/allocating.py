"""How a screening ends: the arm is drawn or recorded, or it is a screen failure, which may be opened again."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import protocols
from portal.domain.access import Permission
from portal.domain.allocation import stratum_for
from portal.domain.eligibility import EligibilityOutcome
from portal.domain.errors import Conflict, Invalid
from portal.domain.screening import ScreeningState
from portal.extensions import Session, db
from portal.services import allocation, screening
from portal.web import guards
from portal.web.guards import staff, writes
from portal.web.labels.triage import ARMS
from portal.web.staff.screening import review

blueprint = Blueprint("staff_allocating", __name__)


@blueprint.get("/staff/screenings/<number>/allocate")
@staff(Permission.ENROL)
def form(number: str) -> ResponseReturnValue:
    """What is about to be told, asked once more; the review where it is not time for it."""
    return _page(number, {})


def _page(number: str, problems: Mapping[str, str], *, conflict: str | None = None) -> ResponseReturnValue:
    seen = screening.seen(db.session, actor=guards.actor(), number=number, now=guards.now())
    stands = seen.standing
    if seen.state is not ScreeningState.OPEN or stands.outcome is not EligibilityOutcome.ELIGIBLE or stands.waits:
        return redirect(url_for("staff_screening.review", number=number))
    strata = allocation.open_strata(db.session)
    return render_template(
        "staff/screening/allocate.html",
        seen=seen,
        strata=[(one, one) for one in strata] if strata and stratum_for(strata, site=seen.site) is None else [],
        arms=[(arm.code, str(ARMS[arm.code])) for arm in protocols.load().arms],
        samples=review.samples(seen),
        problems={name: _(words) for name, words in problems.items()},
        conflict=conflict,
        typed=request.form,
        elsewhere=request.endpoint == "staff_allocating.elsewhere",
    )


@blueprint.post("/staff/screenings/<number>/allocate")
@staff(Permission.ENROL)
@writes
def draw(session: Session, number: str) -> ResponseReturnValue:
    """Sent twice, the second time leads to what the first has drawn."""
    made = screening.allocate(
        session,
        actor=guards.actor(),
        number=number,
        version=review.version(),
        stratum=request.form.get("stratum"),
        now=guards.now(),
    )
    return _enrolled(number, made)


@blueprint.post("/staff/screenings/<number>/elsewhere")
@staff(Permission.ENROL)
@writes
def elsewhere(session: Session, number: str) -> ResponseReturnValue:
    made = screening.record_elsewhere(
        session,
        actor=guards.actor(),
        number=number,
        version=review.version(),
        made=screening.Elsewhere(
            request.form.get("arm", ""), request.form.get("reference", ""), request.form.get("reason", "")
        ),
        now=guards.now(),
    )
    return _enrolled(number, made)


def _enrolled(number: str, made: screening.Enrolled) -> ResponseReturnValue:
    flash(_("%(number)s is enrolled.", number=made.study_number), "success")
    return redirect(url_for("staff_screening.review", number=number))


@blueprint.post("/staff/screenings/<number>/fail")
@staff(Permission.ENROL)
@writes
def fail(session: Session, number: str) -> ResponseReturnValue:
    screening.fail(
        session,
        actor=guards.actor(),
        number=number,
        reason=request.form.get("reason", ""),
        version=review.version(),
        now=guards.now(),
    )
    flash(_("The screening has ended as a screen failure."), "success")
    return redirect(url_for("staff_screening.review", number=number))


@blueprint.post("/staff/screenings/<number>/reopen")
@staff(Permission.SCREENING_REOPEN)
@writes
def reopen(session: Session, number: str) -> ResponseReturnValue:
    screening.reopen(
        session, actor=guards.actor(), number=number, reason=request.form.get("reason", ""), now=guards.now()
    )
    flash(_("The screening is open again."), "success")
    return redirect(url_for("staff_screening.review", number=number))


@blueprint.errorhandler(Invalid)
def invalid(error: Invalid) -> ResponseReturnValue:
    """What is missing, at its field, with what was typed."""
    db.session.rollback()
    number = str((request.view_args or {})["number"])
    if request.endpoint in ("staff_allocating.draw", "staff_allocating.elsewhere"):
        return _with_status(_page(number, error.problems), 422)
    problems = {name: _(words) for name, words in error.problems.items()}
    return review.page(number, problems=problems), 422


@blueprint.errorhandler(Conflict)
def conflict(error: Conflict) -> ResponseReturnValue:
    """Why nothing was done, beside how the screening stands now."""
    db.session.rollback()
    number = str((request.view_args or {})["number"])
    return review.page(number, conflict=_(error.message)), 409


def _with_status(answer: ResponseReturnValue, status: int) -> ResponseReturnValue:
    return (answer, status) if isinstance(answer, str) else answer
