"""Screening: the list, a step at a time, and the review of every criterion. Names are shown on demand only."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import protocols
from portal.domain.access import Permission
from portal.domain.errors import Invalid, NotFound
from portal.domain.msgid import N_
from portal.domain.protocol import LocalizedText
from portal.domain.screening import ScreeningState, ScreeningStep, select_findings
from portal.extensions import Session, db
from portal.services import screening
from portal.web import guards
from portal.web.forms import NOTHING, Form, submits
from portal.web.guards import requires_reauthentication, staff_view, writes
from portal.web.staff.screening import labels, questions
from portal.web.staff.screening import review as screening_review

WHERE_WANTED = N_("Choose the site.")
blueprint = Blueprint("staff_screening", __name__)


class AnswersForm(Form):
    """The questions of a step come from the protocol (``questions``): answers are read by the names of their fields."""


def _typed(form: AnswersForm | None) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What was typed, and what is wrong with it."""
    return (request.form, form.problems) if form else (NOTHING, NOTHING)


@blueprint.record_once
def _filters(state: Any) -> None:
    app: Flask = state.app
    labels.init_screening_labels(app)


@blueprint.get("/staff/screenings")
@staff_view(Permission.ENROL)
def list_screenings() -> str:
    """``?before=`` the number of the last row of the page before."""
    before = request.args.get("before", "")
    page = screening.list_screenings(
        db.session,
        actor=guards.current_actor(),
        before=int(before) if before.isdecimal() and len(before) < 10 else None,
    )
    return render_template("staff/screening/index.html", page=page, steps=len(ScreeningStep))


@blueprint.get("/staff/screenings/new")
@staff_view(Permission.ENROL)
def show_new_form() -> str:
    return _first()


def _first(form: AnswersForm | None = None) -> str:
    typed, problems = _typed(form)
    sites = _sites()
    return render_template(
        "staff/screening/step.html",
        seen=None,
        step=ScreeningStep.PERSON,
        place=1,
        steps=len(ScreeningStep),
        asked=questions.build_questions(ScreeningStep.PERSON, typed, problems),
        sites=sites if len(sites) > 1 else {},
        site=typed.get("site"),
        site_problem=problems.get("site"),
        findings=(),
        locked=False,
        ended=False,
        conflict=problems.get(""),
        version=None,
    )


def _sites() -> dict[str, LocalizedText]:
    """Those of the study that are the coordinator's own."""
    return {
        site.code: site.name for site in protocols.load_protocol().sites if site.code in guards.current_actor().sites
    }


@blueprint.post("/staff/screenings/new")
@staff_view(Permission.ENROL)
@submits(AnswersForm, again=_first)
@writes
def begin_screening(session: Session, _form: AnswersForm) -> ResponseReturnValue:
    sites = _sites()
    site = next(iter(sites)) if len(sites) == 1 else request.form.get("site", "")
    if site not in sites:
        raise Invalid(problems={"site": WHERE_WANTED})
    number = screening.begin_screening(
        session, actor=guards.current_actor(), site=site, typed=request.form, now=guards.request_time()
    )
    return redirect(url_for(".show_step", number=number, step=_then(ScreeningStep.PERSON)))


def _then(step: ScreeningStep) -> str:
    """The step after, or the review."""
    order = list(ScreeningStep)
    place = order.index(step) + 1
    return "review" if place == len(order) or request.form.get("then") == "review" else str(order[place])


@blueprint.get("/staff/screenings/<number>")
@staff_view(Permission.ENROL)
def show_review(number: str) -> str:
    return screening_review.render_review(number)


@blueprint.get("/staff/screenings/<number>/<step>")
@staff_view(Permission.ENROL)
def show_step(number: str, step: str) -> ResponseReturnValue:
    """A step as saved. One that identifies people stays hidden once it was saved: ``reveal`` shows it."""
    if step == "review":
        return redirect(url_for(".show_review", number=number))
    seen, wanted = _seen(number), _known(step)
    return _step(seen, wanted, seen.answers, locked=wanted in screening.IDENTIFYING and wanted in seen.saved)


def _seen(number: str) -> screening.ScreeningView:
    return screening.get_screening(db.session, actor=guards.current_actor(), number=number, now=guards.request_time())


def _known(step: str) -> ScreeningStep:
    if step not in list(ScreeningStep):
        raise NotFound
    return ScreeningStep(step)


def _step(
    seen: screening.ScreeningView,
    step: ScreeningStep,
    typed: Mapping[str, str],
    problems: Mapping[str, str] = NOTHING,
    *,
    locked: bool = False,
) -> str:
    minor = seen.standing.minor if ScreeningStep.PERSON in seen.saved else None
    return render_template(
        "staff/screening/step.html",
        seen=seen,
        step=step,
        place=list(ScreeningStep).index(step) + 1,
        steps=len(ScreeningStep),
        asked=() if locked else questions.build_questions(step, typed, problems, minor=minor),
        sites={},
        findings=select_findings(step, seen.standing.findings),
        locked=locked,
        ended=seen.state is not ScreeningState.OPEN,
        conflict=problems.get(""),
        version=seen.version,
    )


@blueprint.post("/staff/screenings/<number>/<step>/reveal")
@staff_view(Permission.ENROL)
@requires_reauthentication
@writes
def reveal_step(session: Session, number: str, step: str) -> str:
    """Shows the answers of a step with identifiers. That they were shown is in the audit log."""
    wanted = _known(step)
    answers = screening.reveal_step(
        session, actor=guards.current_actor(), number=number, step=wanted, now=guards.request_time()
    )
    return _step(_seen(number), wanted, answers)


def _step_again(form: AnswersForm, number: str, step: str) -> str:
    return _step(_seen(number), _known(step), *_typed(form))


@blueprint.post("/staff/screenings/<number>/<step>")
@staff_view(Permission.ENROL)
@submits(AnswersForm, again=_step_again)
@writes
def save_step(session: Session, _form: AnswersForm, number: str, step: str) -> ResponseReturnValue:
    wanted, version, now = _known(step), screening_review.read_version(), guards.request_time()
    screening.save_step(
        session, actor=guards.current_actor(), number=number, step=wanted, typed=request.form, version=version, now=now
    )
    return redirect(url_for(".show_step", number=number, step=_then(wanted)))
