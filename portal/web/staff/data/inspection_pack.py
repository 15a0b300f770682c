"""The inspection pack of one participant: asked for by study number, signed for, handed over as an archive."""

import tempfile
from pathlib import Path

from flask import Blueprint, current_app, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal import protocols
from portal.domain.access import Permission, can
from portal.domain.errors import NotFound
from portal.extensions import db, transaction
from portal.services import exports
from portal.web import guards, locale
from portal.web.guards import staff
from portal.web.staff.data.exports import remove_afterwards

blueprint = Blueprint("staff_pack", __name__)


class PackForm(FlaskForm):  # type: ignore[misc]
    study_number = StringField(_l("Study number"), [InputRequired(_l("Enter the study number.")), Length(max=20)])
    identified = BooleanField(_l("With names, dates of birth and free text"))
    photographs = BooleanField(_l("With photographs"))
    why = StringField(_l("What is it for?"), [InputRequired(_l("Say what the export is for.")), Length(max=400)])
    password = PasswordField(_l("Your password"), [InputRequired(_l("Enter your password.")), Length(max=200)])
    code = StringField(
        _l("One-time code"),
        [InputRequired(_l("Enter the code from your authenticator app.")), Length(max=20)],
        description=_l("A fresh one: the code of your sign-in does not work again."),
    )


@blueprint.get("/staff/data/pack")
@staff(Permission.ARMS_EXPORT)
def form() -> str:
    return _page(PackForm(formdata=None))


@blueprint.post("/staff/data/pack")
@staff(Permission.ARMS_EXPORT)
def make() -> ResponseReturnValue:
    """Another site's number is answered like one that does not exist."""
    form = PackForm()
    if not form.validate():
        return _page(form), 422
    pack = _asked(form)
    if pack is None:
        return _page(form), 422
    scratch = Path(tempfile.mkdtemp(prefix="export-"))
    remove_afterwards(scratch)
    actor, now = guards.actor(), guards.now()
    made = exports.write_pack(
        db.session,
        pack=pack,
        actor=actor,
        pages=[("forms.html", _forms(pack))],
        pictures=current_app.config["PORTAL"].files_dir,
        folder=scratch,
        now=now,
    )
    with transaction() as session:
        exports.record(session, actor=actor, made=made, now=now)
    answer = send_file(made.path, mimetype="application/zip", as_attachment=True, download_name="pack.zip", etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked(form: PackForm) -> exports.Pack | None:
    """None with the problem at its field."""
    try:
        with transaction() as session:
            pack = exports.ask_pack(
                session,
                actor=guards.actor(),
                study_number=form.study_number.data.strip(),
                why=form.why.data,
                photographs=form.photographs.data,
                identified=form.identified.data,
                password=form.password.data,
                code=form.code.data,
                now=guards.now(),
            )
    except NotFound:
        form.study_number.errors = [_("There is no such participant at your sites.")]
        return None
    if pack is None:
        form.password.errors = [_("Password and code do not fit together, or the code was used before.")]
    return pack


def _forms(pack: exports.Pack) -> str:
    language = locale.language()
    found = exports.sheets(db.session, actor=guards.actor(), pack=pack, language=language)
    return render_template("staff/exports/forms.html", pack=pack, sheets=found, protocol=protocols.load())


def _page(form: PackForm) -> str:
    actor = guards.actor()
    return render_template(
        "staff/exports/pack.html",
        form=form,
        may_identify=can(actor, Permission.IDENTIFIERS_READ),
        may_see_photographs=can(actor, Permission.PHOTOS_VIEW),
    )
