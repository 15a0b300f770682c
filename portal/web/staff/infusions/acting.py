"""Held, missed, cancelled, taken back: what is recorded of an infusion with nothing but a reason."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from portal.domain.access import Permission
from portal.domain.errors import NotFound
from portal.domain.infusions import InfusionStep
from portal.extensions import Session, db
from portal.services import infusions
from portal.web import guards
from portal.web.forms import Form, reason_field, submits
from portal.web.guards import staff_view, writes
from portal.web.staff.infusions.reading import read_version
from portal.web.staff.infusions.shared import LONGEST_TEXT, blueprint, redirect_recorded


class InfusionAction(NamedTuple):
    """``heading`` has a place for the number; ``words`` describe the consequences."""

    step: InfusionStep
    verb: Callable[..., None]
    heading: Any
    words: Any


ACTS: Final[Mapping[str, InfusionAction]] = {
    "hold": InfusionAction(
        InfusionStep.HOLD,
        infusions.hold_infusion,
        _l("Put off infusion %(number)s"),
        _l("Without a new date yet. Its reminders are taken off; move it when there is one."),
    ),
    "miss": InfusionAction(
        InfusionStep.MISS,
        infusions.miss_infusion,
        _l("Infusion %(number)s did not take place"),
        _l("The plan is one short: this is listed as a deviation with your reason. The later ones stay."),
    ),
    "cancel": InfusionAction(
        InfusionStep.CANCEL,
        infusions.cancel_infusion,
        _l("Cancel infusion %(number)s"),
        _l("It is taken out of the plan for good: this is listed as a deviation with your reason."),
    ),
    "take-back": InfusionAction(
        InfusionStep.TAKE_BACK,
        infusions.take_back_infusion,
        _l("Take back what was recorded of infusion %(number)s"),
        _l("For a slip: it is planned for its day again. What was recorded stays in the history with your reason."),
    ),
}


WHERE: Final = "/staff/infusions/<int:infusion_id>/<any(hold, miss, cancel, 'take-back'):act>"


class ReasonForm(Form):
    reason = reason_field(_l("Reason"), longest=LONGEST_TEXT)


@blueprint.get(WHERE)
@staff_view(Permission.INFUSIONS_ACT)
def show_step_form(infusion_id: int, act: str) -> str:
    return _page(infusion_id, act, ReasonForm(formdata=None))


def _page(infusion_id: int, act: str, form: ReasonForm) -> str:
    seen = infusions.get_plan_of_infusion(db.session, actor=guards.current_actor(), infusion_id=infusion_id)
    infusion = seen.infusion(infusion_id)
    if ACTS[act].step not in infusion.steps:
        raise NotFound
    return render_template("staff/infusions/step.html", seen=seen, infusion=infusion, form=form, act=ACTS[act])


@blueprint.post(WHERE)
@staff_view(Permission.INFUSIONS_ACT)
@submits(ReasonForm, again=_page)
@writes
def take_step(session: Session, form: ReasonForm, infusion_id: int, act: str) -> ResponseReturnValue:
    actor, reason = guards.current_actor(), form.reason.data
    ACTS[act].verb(
        session, actor=actor, infusion_id=infusion_id, reason=reason, now=guards.request_time(), version=read_version()
    )
    return redirect_recorded(infusions.get_plan_of_infusion(session, actor=actor, infusion_id=infusion_id).study_number)
