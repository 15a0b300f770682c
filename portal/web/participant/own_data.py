"""What is stored about the participant: listed, explained, and provided as a page to read and as data."""

import io
import json
import zipfile
from typing import Any

from flask import Blueprint, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from portal import protocols
from portal.domain.diary import local_day
from portal.domain.errors import NotAllowed
from portal.extensions import db, limiter, rate_limit_key
from portal.services import accounts, own_data
from portal.web import guards, locale
from portal.web.forms import Form, submits
from portal.web.guards import participant_view, writes
from portal.web.labels.triage import ROLES

blueprint = Blueprint("own_data", __name__)
LOOKS = {
    "identifiers:view": _l("looked at your name and phone number"),
    "screening:identify": _l("looked at your name and phone number"),
    "photo:view": _l("looked at a photograph"),
    "pack:make": _l("made a copy for an inspection"),
}


class CopyForm(Form):
    pin = PasswordField(_l("Your PIN"), [InputRequired(_l("Enter your PIN.")), Length(max=20)])


@blueprint.get("/settings/data")
@participant_view
def show_own_data() -> str:
    return _page(CopyForm(formdata=None))


def _page(form: CopyForm) -> str:
    actor, protocol = guards.current_actor(), protocols.load_protocol()
    return render_template(
        "participant/own_data.html",
        form=form,
        overview=own_data.get_overview(
            db.session, actor=actor, today=local_day(guards.request_time(), protocol.timezone)
        ),
        years=protocol.retention.identifier_years,
        correction_hours=protocol.diary.correction_hours,
    )


def _form() -> CopyForm:
    if not own_data.may_copy(guards.current_actor()):
        raise NotAllowed
    return CopyForm()


@blueprint.post("/settings/data")
@limiter.limit("20 per hour", key_func=rate_limit_key)
@participant_view
@submits(_form, again=_page)
@writes
def download_copy(db_session: Any, form: CopyForm) -> ResponseReturnValue:
    """The page to read, or with ``as=data`` the archive."""
    if not accounts.confirm_pin(db_session, actor=guards.current_actor(), pin=form.pin.data, now=guards.request_time()):
        form.pin.errors = [_("That is not your present PIN. After five wrong tries there is a pause before the next.")]
        return _page(form), 422
    found = own_data.make_copy(
        db_session, actor=guards.current_actor(), language=locale.current_language(), now=guards.request_time()
    )
    return _archive(db_session, found) if request.form.get("as") == "data" else _readable(found)


def _readable(found: own_data.OwnDataCopy) -> ResponseReturnValue:
    text = render_template(
        "participant/own_copy.html", copy=found, looks=LOOKS, roles=ROLES, protocol=protocols.load_protocol()
    )
    return _handed_over(text.encode(), "text/html", "my-record.html")


def _archive(db_session: Any, found: own_data.OwnDataCopy) -> ResponseReturnValue:
    made, folder = io.BytesIO(), current_app.config["PORTAL"].files_dir
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my-record.json", json.dumps(found.data, ensure_ascii=False, indent=1))
        for photo_id, jpeg in own_data.list_pictures(db_session, actor=guards.current_actor(), folder=folder):
            archive.writestr(f"photographs/{photo_id}.jpg", jpeg)
    return _handed_over(made.getvalue(), "application/zip", "my-record.zip")


def _handed_over(content: bytes, kind: str, name: str) -> ResponseReturnValue:
    answer = send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer
