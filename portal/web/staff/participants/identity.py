"""Another name or date of birth of a participant, with who said so."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length, Optional

from portal.domain.access import Permission
from portal.extensions import Session, db
from portal.services import participants
from portal.web import guards
from portal.web.forms import DayField, Form, reason_field, submits
from portal.web.guards import staff_view, writes

blueprint = Blueprint("staff_identity", __name__)


class IdentityForm(Form):
    name = StringField(_l("Name"), [Length(max=80)], description=_l("Left empty, it stays as it is."))
    born_on = DayField(_l("Date of birth"), [Optional()], description=_l("Left empty, it stays as it is."))
    why = reason_field(_l("Who said so, and when?"), longest=300, kind=StringField)


@blueprint.get("/staff/participants/<study_number>/identity")
@staff_view(Permission.PARTICIPATION_ACT)
def show_identity_form(study_number: str) -> str:
    return _page(study_number, IdentityForm(formdata=None))


def _page(study_number: str, form: IdentityForm) -> str:
    page = participants.get_participant_page(
        db.session, actor=guards.current_actor(), study_number=study_number, now=guards.request_time()
    )
    return render_template("staff/participants/identity.html", page=page, form=form)


@blueprint.post("/staff/participants/<study_number>/identity")
@staff_view(Permission.PARTICIPATION_ACT)
@submits(IdentityForm, again=_page)
@writes
def correct_identifiers(session: Session, form: IdentityForm, study_number: str) -> ResponseReturnValue:
    participants.correct_identifiers(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        name=form.name.data or "",
        born_on=form.born_on.data,
        reason=form.why.data,
        now=guards.request_time(),
    )
    flash(_("Saved."), "success")
    return redirect(url_for("staff_participants.show_participant", study_number=study_number))
