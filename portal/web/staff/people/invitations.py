"""Taking up an invitation: a password, an authenticator app that has shown a right code, and the recovery codes."""

from typing import Any, Final

import segno
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.adapters import passwords
from portal.domain.errors import Conflict
from portal.domain.recovery import spoken_code
from portal.extensions import db, limiter
from portal.services import team
from portal.web import guards, tokens
from portal.web.guards import writes

SEALED_SECONDS: Final = 2 * 3600

blueprint = Blueprint("staff_invitation", __name__)


class JoinForm(FlaskForm):  # type: ignore[misc]
    """``app``: the secret that the QR code shows, sealed, so that it stays the same when something is mended."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a password.")), Length(max=400)],
        description=_l("At least 12 characters. Four words that do not belong together are easy to keep."),
    )
    again = PasswordField(_l("The password again"), [InputRequired(_l("Enter the password a second time."))])
    code = StringField(
        _l("Code that the app shows now"),
        [InputRequired(_l("Enter the code from your authenticator app.")), Length(max=20)],
    )
    app = HiddenField()


@blueprint.get("/staff/invitation/<token>")
@limiter.limit("60 per 5 minutes")
@guards.public
def form(token: str) -> ResponseReturnValue:
    """Opening it uses nothing up: mail programs look into links, too."""
    return _page(token, JoinForm(formdata=None), passwords.new_totp_secret())


@blueprint.post("/staff/invitation/<token>")
@limiter.limit("30 per 5 minutes")
@guards.public
@writes
def accept(unit: Any, token: str) -> ResponseReturnValue:
    typed = JoinForm()
    secret = tokens.unseal(token, typed.app.data or "", max_age_seconds=SEALED_SECONDS)
    if secret is None:
        return _page(token, typed, passwords.new_totp_secret()), 422
    if not typed.validate() or not _two_are_one(typed):
        return _page(token, typed, secret), 422
    given = {"password": typed.password.data, "totp_secret": secret, "code": typed.code.data}
    done = team.accept_invitation(unit, actor=guards.visitor(), token=token, now=guards.now(), **given)
    if isinstance(done, team.Accepted):
        codes = [spoken_code(code) for code in done.codes]
        return render_template("staff/account/codes.html", codes=codes, fresh=True)
    for field, problem in done.items():
        typed[field].errors = [_(problem)]
    return _page(token, typed, secret), 422


def _two_are_one(typed: JoinForm) -> bool:
    if typed.password.data == typed.again.data:
        return True
    typed.again.errors = [_("The two passwords are not the same.")]
    return False


def _page(token: str, typed: JoinForm, secret: str) -> str:
    invitation = team.opened_invitation(db.session, token=token, now=guards.now())
    if invitation is None:
        raise Conflict(team.INVITATION_GONE)
    address = passwords.totp_uri(secret, email=invitation.email)
    return render_template(
        "staff/account/join.html",
        form=typed,
        token=token,
        invitation=invitation,
        app=tokens.seal(token, secret),
        picture=segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=2),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    )
