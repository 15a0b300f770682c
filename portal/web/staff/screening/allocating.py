"""How a screening ends: the arm is drawn or recorded, or it is a screen failure, which may be opened again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import protocols
from portal.domain.access import Permission
from portal.domain.allocation import stratum_for
from portal.domain.eligibility import EligibilityOutcome
from portal.domain.screening import ScreeningState
from portal.extensions import Session, db
from portal.services import allocation, screening
from portal.web import guards
from portal.web.forms import NOTHING, Form, submits
from portal.web.guards import staff, writes
from portal.web.labels.triage import ARMS
from portal.web.staff.screening import review

blueprint = Blueprint("staff_allocating", __name__)


@blueprint.get("/staff/screenings/<number>/allocate")
@staff(Permission.ENROL)
def form(number: str) -> ResponseReturnValue:
    """What is about to be told, asked once more; the review where it is not time for it."""
    return _page(number)


class DecisionForm(Form):
    """What a decision needs differs; it is read by name, and the service says what is wrong with it."""


def _page(number: str, form: DecisionForm | None = None) -> ResponseReturnValue:
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
        problems=form.problems if form else NOTHING,
        typed=request.form,
        elsewhere=request.endpoint == "staff_allocating.elsewhere",
    )


def _again(form: DecisionForm, number: str) -> ResponseReturnValue:
    """What is missing, at its field; after a conflict, how the screening is now."""
    return review.page(number, form) if form.conflict else _page(number, form)


@blueprint.post("/staff/screenings/<number>/allocate")
@staff(Permission.ENROL)
@submits(DecisionForm, again=_again)
@writes
def draw(session: Session, _form: DecisionForm, number: str) -> ResponseReturnValue:
    """Sent twice, the second time leads to what the first has drawn."""
    version, stratum = review.version(), request.form.get("stratum")
    made = screening.allocate(
        session, actor=guards.actor(), number=number, version=version, stratum=stratum, now=guards.now()
    )
    return _enrolled(number, made)


@blueprint.post("/staff/screenings/<number>/elsewhere")
@staff(Permission.ENROL)
@submits(DecisionForm, again=_again)
@writes
def elsewhere(session: Session, _form: DecisionForm, number: str) -> ResponseReturnValue:
    version, now = review.version(), guards.now()
    made = screening.Elsewhere(*(request.form.get(name, "") for name in ("arm", "reference", "reason")))
    enrolled = screening.record_elsewhere(
        session, actor=guards.actor(), number=number, version=version, made=made, now=now
    )
    return _enrolled(number, enrolled)


def _enrolled(number: str, made: screening.Enrolled) -> ResponseReturnValue:
    flash(_("%(number)s is enrolled.", number=made.study_number), "success")
    return redirect(url_for("staff_screening.review", number=number))


@blueprint.post("/staff/screenings/<number>/fail")
@staff(Permission.ENROL)
@submits(DecisionForm, again=review.page)
@writes
def fail(session: Session, _form: DecisionForm, number: str) -> ResponseReturnValue:
    reason, version = request.form.get("reason", ""), review.version()
    screening.fail(session, actor=guards.actor(), number=number, reason=reason, version=version, now=guards.now())
    flash(_("The screening has ended as a screen failure."), "success")
    return redirect(url_for("staff_screening.review", number=number))


@blueprint.post("/staff/screenings/<number>/reopen")
@staff(Permission.SCREENING_REOPEN)
@submits(DecisionForm, again=review.page)
@writes
def reopen(session: Session, _form: DecisionForm, number: str) -> ResponseReturnValue:
    screening.reopen(
        session, actor=guards.actor(), number=number, reason=request.form.get("reason", ""), now=guards.now()
    )
    flash(_("The screening is open again."), "success")
    return redirect(url_for("staff_screening.review", number=number))
