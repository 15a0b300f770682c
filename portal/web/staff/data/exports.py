"""Data out: what is asked for, signed for with password and code, recorded, and handed over as an archive."""

import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, after_this_request, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal import protocols
from portal.domain.access import Permission, is_allowed
from portal.domain.exports import SETTLED, ArmDisplay, ExportFormat, ExportOrder
from portal.extensions import db, transaction
from portal.services import exports
from portal.web import guards, locale
from portal.web.forms import DayField, SignedForm, submits
from portal.web.guards import staff_view

FORMATS: Final[Mapping[ExportFormat, Any]] = {
    ExportFormat.CSV: _l("CSV tables, for a spreadsheet or statistics"),
    ExportFormat.FHIR: _l("FHIR R4, newline-delimited JSON"),
    ExportFormat.ODM: _l("CDISC ODM-XML 1.3.2 with audit records and signatures"),
}
ARMS: Final[Mapping[ArmDisplay, Any]] = {
    ArmDisplay.SHOWN: _l("Shown"),
    ArmDisplay.CODED: _l("Coded as A and B, without what would tell which is which"),
    ArmDisplay.HIDDEN: _l("Left out, with everything that would tell them"),
}

blueprint = Blueprint("staff_exports", __name__)


class ExportForm(SignedForm):
    NAMES: ClassVar = {"cut_off": "cut_off_time"}

    formats = SelectMultipleField(
        _l("Formats"), choices=[SelectChoice(str(one), words) for one, words in FORMATS.items()]
    )
    cut_off_on = DayField(_l("Cut-off: day"), [InputRequired(_l("Enter a day."))])
    cut_off_time = TimeField(_l("Cut-off: time"), [InputRequired(_l("Enter a time, such as 09:30."))])
    sites = SelectMultipleField(_l("Sites"))
    arms = RadioField(_l("Arms"), [InputRequired(_l("Choose one."))])
    identified = BooleanField(_l("With names, dates of birth and free text"))
    bom = BooleanField(_l("Mark CSV files for Excel"))
    why = StringField(_l("What is it for?"), [InputRequired(_l("Say what the export is for.")), Length(max=500)])

    def order(self) -> ExportOrder:
        zone = ZoneInfo(protocols.load_protocol().timezone)
        local = datetime.combine(self.cut_off_on.data, self.cut_off_time.data, tzinfo=zone)
        return ExportOrder(
            cut_off_at=local.astimezone(UTC),
            sites=tuple(self.sites.data),
            formats=tuple(ExportFormat(one) for one in self.formats.data),
            arms=ArmDisplay(self.arms.data),
            why=self.why.data,
            identified=self.identified.data,
            bom=self.bom.data,
        )


@blueprint.get("/staff/data")
@staff_view(Permission.DATA_EXPORT)
def show_exports() -> str:
    form = _form(formdata=None)
    settled = (guards.request_time() - SETTLED - timedelta(minutes=1)).astimezone(
        ZoneInfo(protocols.load_protocol().timezone)
    )
    form.cut_off_on.data, form.cut_off_time.data = settled.date(), settled.time()
    form.formats.data, form.sites.data = list(FORMATS), [one.value for one in form.sites.choices]
    return _page(form)


def _form(**how: Any) -> ExportForm:
    form = ExportForm(**how)
    actor = guards.current_actor()
    open_arms = [arm for arm in ArmDisplay if arm is not ArmDisplay.SHOWN or is_allowed(actor, Permission.ARMS_EXPORT)]
    form.arms.choices = [SelectChoice(str(arm), ARMS[arm]) for arm in open_arms]
    form.sites.choices = [
        SelectChoice(site.code, site.name.in_(locale.current_language()))
        for site in protocols.load_protocol().sites
        if site.code in actor.sites
    ]
    return form


def _page(form: ExportForm) -> str:
    actor = guards.current_actor()
    return render_template(
        "staff/exports/index.html",
        form=form,
        may_identify=is_allowed(actor, Permission.IDENTIFIERS_READ),
        may_pack=is_allowed(actor, Permission.ARMS_EXPORT),
    )


@blueprint.post("/staff/data")
@staff_view(Permission.DATA_EXPORT)
@submits(_form, again=_page)
def download_export(form: ExportForm) -> ResponseReturnValue:
    """Sign for it, write it outside of any transaction, record what it came to, hand it over."""
    order, actor, now = form.order(), guards.current_actor(), guards.request_time()
    with transaction() as session:
        signed = exports.confirm_export(session, actor=actor, order=order, now=now, **form.signature)
    if not signed:
        form.take_refused_signature()
        return _page(form), 422
    made = exports.write_export(db.session, order=order, actor=actor, folder=passing_folder(), now=now)
    return hand_over(made, f"export-{order.cut_off_at:%Y%m%dT%H%M%SZ}-{made.digest[:8]}.zip")


def passing_folder() -> Path:
    """A folder that is gone with the answer: the file in it is open while it is sent and needs no name."""
    folder = Path(tempfile.mkdtemp(prefix="export-"))

    @after_this_request
    def remove(response: Response) -> Response:
        shutil.rmtree(folder, ignore_errors=True)
        return response

    return folder


def hand_over(made: exports.ExportResult, name: str) -> Response:
    """Record what was made, then send it."""
    with transaction() as session:
        exports.record_export(session, actor=guards.current_actor(), made=made, now=guards.request_time())
    answer = send_file(made.path, mimetype="application/zip", as_attachment=True, download_name=name, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer
