"""The sealed allocation lists: import, and how far each is drawn. Shows neither an arm nor a participant."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from portal import protocols
from portal.domain.access import Permission
from portal.domain.allocation import AllocationFault
from portal.extensions import Session, db
from portal.services import allocation
from portal.web import guards
from portal.web.forms import Form, submits
from portal.web.guards import staff_view, takes_files, writes

LIST_STATES = {"open": _l("being drawn from"), "exhausted": _l("used up")}
FAULTS_SHOWN = 50
blueprint = Blueprint("staff_allocation", __name__)


class ListForm(Form):
    list = FileField(validators=[FileRequired(_l("Choose the file of the list."))])


@blueprint.get("/staff/allocation")
@staff_view(Permission.ALLOCATION_IMPORT)
def list_allocation_lists() -> str:
    return _page(ListForm(formdata=None))


def _page(form: ListForm) -> str:
    faults: tuple[AllocationFault, ...] = form.details.get("faults", ())
    return render_template(
        "staff/allocation/index.html",
        lists=allocation.list_allocation_lists(db.session),
        states=LIST_STATES,
        faults=[(fault.line, _(fault.message, **fault.values)) for fault in faults[:FAULTS_SHOWN]],
        more=max(0, len(faults) - FAULTS_SHOWN),
        problem=form.conflict or next(iter(form.list.errors), None),
        arms=[arm.code for arm in protocols.load_protocol().arms],
    )


@blueprint.post("/staff/allocation")
@staff_view(Permission.ALLOCATION_IMPORT)
@takes_files("list")
@submits(ListForm, again=_page)
@writes
def import_list(session: Session, form: ListForm) -> ResponseReturnValue:
    """The whole list or nothing; the same file again changes nothing."""
    made = allocation.import_allocation_list(
        session, actor=guards.current_actor(), content=form.list.data.read(), now=guards.request_time()
    )
    if made.new:
        flash(_("%(rows)s rows are imported and sealed.", rows=made.rows), "success")
    else:
        flash(_("This very file was imported before. Nothing has changed."))
    return redirect(url_for(".list_allocation_lists"))
