"""How a screening ends: the arm is drawn or recorded, or it is a screen failure, which may be opened again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import protocols
from portal.domain.access import Permission
from portal.domain.allocation import choose_stratum
from portal.domain.eligibility import EligibilityOutcome
from portal.domain.screening import ScreeningState
from portal.extensions import Session, db
from portal.services import allocation, screening
from portal.web import guards
from portal.web.forms import NOTHING, Form, submits
from portal.web.guards import staff_view, writes
from portal.web.labels.triage import ARMS
from portal.web.staff.screening import review

blueprint = Blueprint("staff_allocating", __name__)


@blueprint.get("/staff/screenings/<number>/allocate")
@staff_view(Permission.ENROL)
def show_confirmation(number: str) -> ResponseReturnValue:
    """Asks to confirm before the arm is revealed; the review where allocation is not possible yet."""
    return _page(number)


class DecisionForm(Form):
    """What a decision needs differs; it is read by name, and the service says what is wrong with it."""


def _page(number: str, form: DecisionForm | None = None) -> ResponseReturnValue:
    seen = screening.get_screening(db.session, actor=guards.current_actor(), number=number, now=guards.request_time())
    stands = seen.standing
    if seen.state is not ScreeningState.OPEN or stands.outcome is not EligibilityOutcome.ELIGIBLE or stands.waits:
        return redirect(url_for("staff_screening.show_review", number=number))
    strata = allocation.list_open_strata(db.session)
    return render_template(
        "staff/screening/allocate.html",
        seen=seen,
        strata=[(one, one) for one in strata] if strata and choose_stratum(strata, site=seen.site) is None else [],
        arms=[(arm.code, str(ARMS[arm.code])) for arm in protocols.load_protocol().arms],
        samples=review.list_samples(seen),
        problems=form.problems if form else NOTHING,
        typed=request.form,
        elsewhere=request.endpoint == "staff_allocating.record_external_allocation",
    )


def _again(form: DecisionForm, number: str) -> ResponseReturnValue:
    """What is missing, at its field; after a conflict, how the screening is now."""
    return review.render_review(number, form) if form.conflict else _page(number, form)


@blueprint.post("/staff/screenings/<number>/allocate")
@staff_view(Permission.ENROL)
@submits(DecisionForm, again=_again)
@writes
def allocate_arm(session: Session, _form: DecisionForm, number: str) -> ResponseReturnValue:
    """Sent twice, the second time leads to what the first has drawn."""
    version, stratum = review.read_version(), request.form.get("stratum")
    made = screening.allocate_participant(
        session,
        actor=guards.current_actor(),
        number=number,
        version=version,
        stratum=stratum,
        now=guards.request_time(),
    )
    return _enrolled(number, made)


@blueprint.post("/staff/screenings/<number>/elsewhere")
@staff_view(Permission.ENROL)
@submits(DecisionForm, again=_again)
@writes
def record_external_allocation(session: Session, _form: DecisionForm, number: str) -> ResponseReturnValue:
    version, now = review.read_version(), guards.request_time()
    made = screening.ExternalAllocation(*(request.form.get(name, "") for name in ("arm", "reference", "reason")))
    enrolled = screening.record_external_allocation(
        session, actor=guards.current_actor(), number=number, version=version, made=made, now=now
    )
    return _enrolled(number, enrolled)


def _enrolled(number: str, made: screening.EnrolmentResult) -> ResponseReturnValue:
    flash(_("%(number)s is enrolled.", number=made.study_number), "success")
    return redirect(url_for("staff_screening.show_review", number=number))


@blueprint.post("/staff/screenings/<number>/fail")
@staff_view(Permission.ENROL)
@submits(DecisionForm, again=review.render_review)
@writes
def record_failure(session: Session, _form: DecisionForm, number: str) -> ResponseReturnValue:
    reason, version = request.form.get("reason", ""), review.read_version()
    screening.fail_screening(
        session, actor=guards.current_actor(), number=number, reason=reason, version=version, now=guards.request_time()
    )
    flash(_("The screening has ended as a screen failure."), "success")
    return redirect(url_for("staff_screening.show_review", number=number))


@blueprint.post("/staff/screenings/<number>/reopen")
@staff_view(Permission.SCREENING_REOPEN)
@submits(DecisionForm, again=review.render_review)
@writes
def reopen_screening(session: Session, _form: DecisionForm, number: str) -> ResponseReturnValue:
    screening.reopen_screening(
        session,
        actor=guards.current_actor(),
        number=number,
        reason=request.form.get("reason", ""),
        now=guards.request_time(),
    )
    flash(_("The screening is open again."), "success")
    return redirect(url_for("staff_screening.show_review", number=number))
