"""Tasks beside the episodes: the list, one task, taking it and closing it with a reason."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.access import Permission, is_allowed
from portal.extensions import Session, db
from portal.services import tasks
from portal.web import guards
from portal.web.forms import Form, reason_field, submits
from portal.web.guards import staff_view, writes

KINDS: Final[Mapping[str, Any]] = {
    "bilirubin-wanted": _l("Bilirubin wanted"),
    "call-no-diary": _l("Call: no diary for two days"),
    "unreachable-phone": _l("Phone cannot be reached by text"),
    "text-failed": _l("A text has failed"),
    "reconsent-18": _l("Consent again at 18"),
    "assumption": _l("Assumption to confirm"),
    "serious-event": _l("Serious adverse event: tell the sponsor within 24 hours"),
    "scheduled-bilirubin": _l("Scheduled bilirubin"),
    "weight-to-confirm": _l("Weight to confirm"),
}
NEXT: Final[Mapping[str, Any]] = {
    "bilirubin-wanted": _l(
        "Yellow eyes or skin, or dark urine, was reported. Enter a bilirubin, or close with a reason."
    ),
    "call-no-diary": _l("Ring and ask how the participant is. A diary that comes closes this by itself."),
    "unreachable-phone": _l(
        "A text did not arrive for good. Ask for a number that works; another number closes this by itself."
    ),
    "text-failed": _l(
        "See why it failed, tell the person in another way if it still matters, and close with a reason."
    ),
    "reconsent-18": _l(
        "The participant comes of age: ask for their own consent, and close with the date it was given."
    ),
    "assumption": _l("A value of the protocol file that the public record does not settle. Ask the sponsor."),
    "serious-event": _l(
        "An infusion reaction of grade 3 or more was recorded. Tell the sponsor, and close with when and to whom."
    ),
    "weight-to-confirm": _l(
        "A weight in the diary is more than a tenth away from the last and is not used. Ask, and enter it as a result."
    ),
    "scheduled-bilirubin": _l(
        "Disease that begins in the liver shows in no diary. Enter a bilirubin, or close with a reason."
    ),
}
CLOSED: Final[Mapping[str, Any]] = {
    "reason": _l("with a reason"),
    "result": _l("by a result"),
    "diary": _l("by a diary"),
    "number": _l("by another number"),
}

blueprint = Blueprint("staff_tasks", __name__)


@blueprint.record_once
def _filters(state: Any) -> None:
    state.app.add_template_filter(lambda kind: str(KINDS[kind]), "task_kind_label")
    state.app.add_template_filter(lambda how: str(CLOSED[how]), "task_closure_label")


class CloseForm(Form):
    reason = reason_field(_l("Reason"), longest=2000)


@blueprint.get("/staff/tasks")
@staff_view(Permission.TRIAGE_READ)
def list_tasks() -> str:
    """Everything that is open, the whole study's tasks too."""
    return render_template(
        "staff/tasks/index.html", rows=tasks.list_open_tasks(db.session, actor=guards.current_actor())
    )


@blueprint.get("/staff/tasks/<int:task_id>")
@staff_view(Permission.TRIAGE_READ)
def show_task(task_id: int) -> str:
    return _page(task_id, CloseForm(formdata=None))


def _page(task_id: int, form: CloseForm) -> str:
    actor = guards.current_actor()
    row = tasks.get_task(db.session, actor=actor, task_id=task_id)
    may_act = row.closed_at is None and is_allowed(actor, Permission.TRIAGE_ACT, site=row.site)
    return render_template("staff/tasks/task.html", task=row, form=form, may_act=may_act, words=NEXT[row.kind])


@blueprint.post("/staff/tasks/<int:task_id>/take")
@staff_view(Permission.TRIAGE_ACT)
@writes
def take_task(session: Session, task_id: int) -> ResponseReturnValue:
    tasks.take_task(session, actor=guards.current_actor(), task_id=task_id, now=guards.request_time())
    flash(_("The task is yours."), "success")
    return redirect(url_for(".show_task", task_id=task_id))


@blueprint.post("/staff/tasks/<int:task_id>/close")
@staff_view(Permission.TRIAGE_ACT)
@submits(CloseForm, again=_page)
@writes
def close_task(session: Session, form: CloseForm, task_id: int) -> ResponseReturnValue:
    tasks.close_task(
        session, actor=guards.current_actor(), task_id=task_id, reason=form.reason.data, now=guards.request_time()
    )
    flash(_("The task is closed."), "success")
    return redirect(url_for("staff_triage.show_triage_list"))
