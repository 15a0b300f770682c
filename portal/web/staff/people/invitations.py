"""Taking up an invitation: a password, an authenticator app that has shown a right code, and the recovery codes."""

from typing import Any, Final

import segno
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.adapters import passwords
from portal.domain.errors import Conflict
from portal.domain.recovery import format_code
from portal.extensions import db, limiter
from portal.services import team
from portal.web import guards, tokens
from portal.web.forms import Form, submits
from portal.web.guards import writes

SEALED_SECONDS: Final = 2 * 3600

blueprint = Blueprint("staff_invitation", __name__)


class JoinForm(Form):
    """``app``: the secret that the QR code shows, sealed, so that it stays the same when something is mended."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a password.")), Length(max=400)],
        description=_l("At least 12 characters. Four words that do not belong together are easy to keep."),
    )
    again = PasswordField(
        _l("The password again"),
        [
            InputRequired(_l("Enter the password a second time.")),
            EqualTo("password", message=_l("The two passwords are not the same.")),
        ],
    )
    code = StringField(
        _l("Code that the app shows now"),
        [InputRequired(_l("Enter the code from your authenticator app.")), Length(max=20)],
    )
    app = HiddenField()


@blueprint.get("/staff/invitation/<token>")
@limiter.limit("60 per 5 minutes")
@guards.public_view
def show_invitation(token: str) -> ResponseReturnValue:
    """Opening it uses nothing up: mail programs look into links, too."""
    return _page(token, JoinForm(formdata=None), passwords.new_totp_secret())


def _page(token: str, form: JoinForm, secret: str) -> str:
    invitation = team.read_invitation(db.session, token=token, now=guards.request_time())
    if invitation is None:
        raise Conflict(team.INVITATION_GONE)
    address = passwords.totp_uri(secret, email=invitation.email)
    return render_template(
        "staff/account/join.html",
        form=form,
        token=token,
        invitation=invitation,
        app=tokens.seal_token(token, secret),
        picture=segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=2),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    )


def _sealed(form: JoinForm, token: str) -> str | None:
    """The secret that the page showed; None where the form is too old, or of another invitation."""
    secret: str | None = tokens.open_token(token, form.app.data or "", max_age_seconds=SEALED_SECONDS)
    return secret


def _again(form: JoinForm, token: str) -> str:
    return _page(token, form, _sealed(form, token) or passwords.new_totp_secret())


@blueprint.post("/staff/invitation/<token>")
@limiter.limit("30 per 5 minutes")
@guards.public_view
@submits(JoinForm, again=_again)
@writes
def accept_invitation(db_session: Any, form: JoinForm, token: str) -> ResponseReturnValue:
    secret = _sealed(form, token)
    if secret is None:
        return _again(form, token), 422
    actor, now = guards.visiting_actor(), guards.request_time()
    given = {"password": form.password.data, "totp_secret": secret, "code": form.code.data}
    done = team.accept_invitation(db_session, actor=actor, token=token, now=now, **given)
    if isinstance(done, team.AcceptedInvitation):
        codes = [format_code(code) for code in done.codes]
        return render_template("staff/account/codes.html", codes=codes, fresh=True)
    form.take(done)
    return _again(form, token), 422
