"""The inspection pack of one participant: asked for by study number, signed for, handed over as an archive."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length

from portal import protocols
from portal.domain.access import Permission, is_allowed
from portal.extensions import db, transaction
from portal.services import exports
from portal.web import guards, locale
from portal.web.forms import SignedForm, submits
from portal.web.guards import staff_view
from portal.web.staff.data.exports import hand_over, passing_folder

blueprint = Blueprint("staff_pack", __name__)


class PackForm(SignedForm):
    study_number = StringField(_l("Study number"), [InputRequired(_l("Enter the study number.")), Length(max=20)])
    identified = BooleanField(_l("With names, dates of birth and free text"))
    photographs = BooleanField(_l("With photographs"))
    why = StringField(_l("What is it for?"), [InputRequired(_l("Say what the export is for.")), Length(max=400)])


@blueprint.get("/staff/data/pack")
@staff_view(Permission.ARMS_EXPORT)
def show_pack_form() -> str:
    return _page(PackForm(formdata=None))


def _page(form: PackForm) -> str:
    actor = guards.current_actor()
    return render_template(
        "staff/exports/pack.html",
        form=form,
        may_identify=is_allowed(actor, Permission.IDENTIFIERS_READ),
        may_see_photographs=is_allowed(actor, Permission.PHOTOS_VIEW),
    )


@blueprint.post("/staff/data/pack")
@staff_view(Permission.ARMS_EXPORT)
@submits(PackForm, again=_page)
def download_pack(form: PackForm) -> ResponseReturnValue:
    """Another site's number is answered like one that does not exist."""
    pack = _asked(form)
    if pack is None:
        form.take_refused_signature()
        return _page(form), 422
    return hand_over(_written(pack), "pack.zip")


def _written(pack: exports.InspectionPack) -> exports.ExportResult:
    return exports.write_pack(
        db.session,
        pack=pack,
        actor=guards.current_actor(),
        pages=[("forms.html", _forms(pack))],
        pictures=current_app.config["PORTAL"].files_dir,
        folder=passing_folder(),
        now=guards.request_time(),
    )


def _asked(form: PackForm) -> exports.InspectionPack | None:
    """None where password or code was wrong."""
    with transaction() as session:
        return exports.request_pack(
            session,
            actor=guards.current_actor(),
            study_number=form.study_number.data.strip(),
            why=form.why.data,
            photographs=form.photographs.data,
            identified=form.identified.data,
            now=guards.request_time(),
            **form.signature,
        )


def _forms(pack: exports.InspectionPack) -> str:
    language = locale.current_language()
    found = exports.build_sheets(db.session, actor=guards.current_actor(), pack=pack, language=language)
    return render_template("staff/exports/forms.html", pack=pack, sheets=found, protocol=protocols.load_protocol())
