"""Another name or date of birth of a participant, with who said so."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import Length, Optional

from portal.domain.access import Permission
from portal.domain.errors import Invalid
from portal.extensions import Session, db
from portal.services import participants
from portal.web import guards
from portal.web.guards import staff, writes

blueprint = Blueprint("staff_identity", __name__)


class IdentityForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Name"), [Length(max=80)], description=_l("Left empty, it stays as it is."))
    born_on = DateField(_l("Date of birth"), [Optional()], description=_l("Left empty, it stays as it is."))
    why = StringField(_l("Who said so, and when?"), [Length(max=300, message=_l("At most 300 characters."))])


@blueprint.get("/staff/participants/<study_number>/identity")
@staff(Permission.PARTICIPATION_ACT)
def form(study_number: str) -> str:
    return _page(study_number, IdentityForm(formdata=None))


@blueprint.post("/staff/participants/<study_number>/identity")
@staff(Permission.PARTICIPATION_ACT)
@writes
def correct(session: Session, study_number: str) -> ResponseReturnValue:
    typed = IdentityForm()
    if not typed.validate():
        return _page(study_number, typed), 422
    try:
        participants.correct(
            session,
            actor=guards.actor(),
            study_number=study_number,
            name=typed.name.data or "",
            born_on=typed.born_on.data,
            reason=typed.why.data or "",
            now=guards.now(),
        )
    except Invalid as refused:
        for field, words in refused.problems.items():
            typed[field].errors = [_(words)]
        return _page(study_number, typed), 422
    flash(_("Saved."), "success")
    return redirect(url_for("staff_participants.participant", study_number=study_number))


def _page(study_number: str, form: IdentityForm) -> str:
    page = participants.page(db.session, actor=guards.actor(), study_number=study_number, now=guards.now())
    return render_template("staff/participants/identity.html", page=page, form=form)
