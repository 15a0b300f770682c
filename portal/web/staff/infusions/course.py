"""One participant's infusions and visits, each with its state and with what may become of it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.domain.access import Permission, can
from portal.extensions import Session, db
from portal.services import infusions
from portal.web import guards
from portal.web.guards import staff, writes
from portal.web.staff.infusions.reading import version_of
from portal.web.staff.infusions.shared import blueprint, recorded


@blueprint.get("/staff/participants/<study_number>/course")
@staff(Permission.PARTICIPANTS_READ)
def course(study_number: str) -> str:
    actor = guards.actor()
    seen = infusions.course_of(db.session, actor=actor, study_number=study_number)
    may_act = can(actor, Permission.INFUSIONS_ACT, site=seen.site)
    return render_template("staff/infusions/course.html", seen=seen, may_act=may_act)


@blueprint.post("/staff/infusions/<int:infusion_id>/confirm")
@staff(Permission.INFUSIONS_ACT)
@writes
def confirm(session: Session, infusion_id: int) -> ResponseReturnValue:
    """The ward has confirmed the date."""
    actor = guards.actor()
    infusions.confirm(session, actor=actor, infusion_id=infusion_id, now=guards.now(), version=version_of())
    return recorded(infusions.course_around(session, actor=actor, infusion_id=infusion_id).study_number)
