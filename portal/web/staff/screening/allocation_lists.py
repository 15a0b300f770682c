"""The sealed allocation lists: importing one, and how far each is drawn. No arm and no participant stands here."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal import protocols
from portal.domain.access import Permission
from portal.domain.allocation import Fault
from portal.domain.errors import Conflict, Invalid
from portal.extensions import Session, db
from portal.services import allocation
from portal.web import guards
from portal.web.guards import staff, writes

LIST_STATES = {"open": _l("being drawn from"), "exhausted": _l("used up")}
FAULTS_SHOWN = 50
blueprint = Blueprint("staff_allocation", __name__)


@blueprint.get("/staff/allocation")
@staff(Permission.ALLOCATION_IMPORT)
def index() -> str:
    return _page()


def _page(*, faults: tuple[Fault, ...] = (), problem: str | None = None) -> str:
    return render_template(
        "staff/allocation/index.html",
        lists=allocation.lists(db.session),
        states=LIST_STATES,
        faults=[(fault.line, _(fault.message, **fault.values)) for fault in faults[:FAULTS_SHOWN]],
        more=max(0, len(faults) - FAULTS_SHOWN),
        problem=problem,
        arms=[arm.code for arm in protocols.load().arms],
    )


@blueprint.post("/staff/allocation")
@staff(Permission.ALLOCATION_IMPORT)
@writes
def import_(session: Session) -> ResponseReturnValue:
    """The whole list or nothing; the same file again changes nothing."""
    file = request.files.get("list")
    if file is None or not file.filename:
        return _page(problem=_("Choose the file of the list.")), 422
    made = allocation.import_list(session, actor=guards.actor(), content=file.read(), now=guards.now())
    if made.new:
        flash(_("%(rows)s rows are imported and sealed.", rows=made.rows), "success")
    else:
        flash(_("This very file was imported before. Nothing has changed."))
    return redirect(url_for(".index"))


@blueprint.errorhandler(Invalid)
def invalid(error: Invalid) -> ResponseReturnValue:
    """Every fault by its line."""
    db.session.rollback()
    faults: tuple[Fault, ...] = error.params.get("faults", ())  # type: ignore[assignment]
    return _page(faults=faults), 422


@blueprint.errorhandler(Conflict)
def conflict(error: Conflict) -> ResponseReturnValue:
    db.session.rollback()
    return _page(problem=_(error.message)), 409
