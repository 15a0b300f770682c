"""One participant's infusions and visits, each with its state and with what may become of it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.domain.access import Permission, is_allowed
from portal.extensions import Session, db
from portal.services import infusions
from portal.web import guards
from portal.web.guards import staff_view, writes
from portal.web.staff.infusions.reading import read_version
from portal.web.staff.infusions.shared import blueprint, redirect_recorded


@blueprint.get("/staff/participants/<study_number>/course")
@staff_view(Permission.PARTICIPANTS_READ)
def show_plan_state(study_number: str) -> str:
    actor = guards.current_actor()
    seen = infusions.get_infusion_plan(db.session, actor=actor, study_number=study_number)
    may_act = is_allowed(actor, Permission.INFUSIONS_ACT, site=seen.site)
    return render_template("staff/infusions/course.html", seen=seen, may_act=may_act)


@blueprint.post("/staff/infusions/<int:infusion_id>/confirm")
@staff_view(Permission.INFUSIONS_ACT)
@writes
def confirm_infusion(session: Session, infusion_id: int) -> ResponseReturnValue:
    """The ward has confirmed the date."""
    actor = guards.current_actor()
    infusions.confirm_infusion(
        session, actor=actor, infusion_id=infusion_id, now=guards.request_time(), version=read_version()
    )
    return redirect_recorded(infusions.get_plan_of_infusion(session, actor=actor, infusion_id=infusion_id).study_number)
