"""People: the study team, invited by link; roles, sites, sessions, and a lost phone. For administrators."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal import protocols
from portal.domain.access import STAFF_ROLES, Permission, Role
from portal.extensions import Session, db
from portal.services import team
from portal.web import guards, locale
from portal.web.forms import Form, reason_field, submits
from portal.web.guards import requires_reauthentication, staff_view, writes
from portal.web.labels.triage import LANGUAGES, ROLES

blueprint = Blueprint("staff_people", __name__, url_prefix="/staff/people")


class PersonForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), Length(max=80)])
    role = SelectField(_l("Role"), choices=[SelectChoice(str(role), ROLES[role]) for role in STAFF_ROLES])
    sites = SelectMultipleField(_l("Sites"))


class InviteForm(PersonForm):
    email = StringField(_l("E-mail address"), [InputRequired(_l("Enter an e-mail address.")), Length(max=200)])
    language = RadioField(
        _l("Language"), default="zh-CN", choices=[SelectChoice(code, words) for code, words in LANGUAGES.items()]
    )


class ChangeForm(PersonForm):
    phone = StringField(_l("Mobile number for alerts (optional)"), [Length(max=40)])
    active = BooleanField(_l("The account is switched on"))
    reason = reason_field(_l("Why is it changed?"), longest=500, kind=StringField)

    def wanted(self) -> team.MemberChange:
        return team.MemberChange(
            role=Role(self.role.data),
            sites=frozenset(self.sites.data),
            active=self.active.data,
            name=self.name.data,
            phone=self.phone.data or "",
        )


class ResetForm(Form):
    reason = StringField(
        _l("How do you know that it is this person who asks?"),
        [InputRequired(_l("Say how you know.")), Length(max=500)],
        description=_l("For example: came to the office with the staff card."),
    )


@blueprint.get("")
@staff_view(Permission.STAFF_MANAGE)
def list_members() -> str:
    actor, now = guards.current_actor(), guards.request_time()
    return render_template(
        "staff/people/index.html",
        team=team.list_team(db.session, actor=actor, now=now, after=guards.read_row_id("after") or 0),
        invitations=team.list_open_invitations(db.session, actor=actor, now=now),
        me=actor.id,
    )


@blueprint.get("/invite")
@staff_view(Permission.STAFF_MANAGE)
@requires_reauthentication
def show_invite_form() -> str:
    form = _filled(InviteForm, formdata=None)
    form.sites.data = [choice.value for choice in form.sites.choices]
    return _invite_page(form)


def _invite_page(form: InviteForm) -> str:
    return render_template("staff/people/invite.html", form=form)


@blueprint.post("/invite")
@staff_view(Permission.STAFF_MANAGE)
@requires_reauthentication
@submits(lambda: _filled(InviteForm), again=_invite_page)
@writes
def invite_member(db_session: Session, form: InviteForm) -> ResponseReturnValue:
    made = team.invite_staff(
        db_session,
        actor=guards.current_actor(),
        email=form.email.data,
        name=form.name.data,
        role=Role(form.role.data),
        sites=frozenset(form.sites.data),
        language=form.language.data,
        link=_link,
        now=guards.request_time(),
    )
    return render_template("staff/people/invited.html", link=made.link, name=form.name.data, renewed=False)


def _filled(kind: Any, **how: Any) -> Any:
    form = kind(**how)
    known, mine = protocols.load_protocol().sites, guards.current_actor().sites
    form.sites.choices = [
        SelectChoice(one.code, one.name.in_(locale.current_language())) for one in known if one.code in mine
    ]
    return form


def _link(token: str) -> str:
    return str(current_app.config["PORTAL"].public_url) + url_for("staff_invitation.show_invitation", token=token)


@blueprint.post("/invitations/<int:invitation_id>/revoke")
@staff_view(Permission.STAFF_MANAGE)
@requires_reauthentication
@writes
def revoke_invitation(db_session: Session, invitation_id: int) -> Response:
    team.revoke_invitation(
        db_session, actor=guards.current_actor(), invitation_id=invitation_id, now=guards.request_time()
    )
    flash(_("The link no longer works."))
    return redirect(url_for(".list_members"))


@blueprint.get("/<int:staff_id>")
@staff_view(Permission.STAFF_MANAGE)
@requires_reauthentication
def show_member(staff_id: int) -> str:
    return _page(staff_id)


def _page(staff_id: int, form: Form | None = None) -> str:
    """``form``: the one that was sent and has something to mend."""
    actor, now = guards.current_actor(), guards.request_time()
    found = team.get_member(db.session, actor=actor, staff_id=staff_id, now=now)
    return render_template(
        "staff/people/person.html",
        found=found,
        form=form if isinstance(form, ChangeForm) else _as_it_is(found.member),
        reset=form if isinstance(form, ResetForm) else ResetForm(formdata=None),
        sessions=team.list_sessions(db.session, actor=actor, staff_id=staff_id, now=now),
        myself=staff_id == actor.id,
    )


def _as_it_is(member: team.Member) -> Any:
    return _filled(
        ChangeForm, formdata=None, name=member.name, role=str(member.role), sites=list(member.sites),
        phone=member.phone or "", active=member.active,
    )  # fmt: skip


@blueprint.post("/<int:staff_id>")
@staff_view(Permission.STAFF_MANAGE)
@requires_reauthentication
@submits(lambda **_where: _filled(ChangeForm), again=_page)
@writes
def change_member(db_session: Session, form: ChangeForm, staff_id: int) -> ResponseReturnValue:
    team.change_member(
        db_session,
        actor=guards.current_actor(),
        staff_id=staff_id,
        wanted=form.wanted(),
        reason=form.reason.data,
        now=guards.request_time(),
    )
    flash(_("The account is changed, and has been signed out everywhere."), "success")
    return redirect(url_for(".show_member", staff_id=staff_id))


@blueprint.post("/<int:staff_id>/reset")
@staff_view(Permission.STAFF_MANAGE)
@requires_reauthentication
@submits(ResetForm, again=_page)
@writes
def reset_access(db_session: Session, form: ResetForm, staff_id: int) -> ResponseReturnValue:
    """A lost phone or a forgotten password: the old ones end at once, and a link makes new ones."""
    actor, now = guards.current_actor(), guards.request_time()
    made = team.invite_staff_again(
        db_session, actor=actor, staff_id=staff_id, reason=form.reason.data, link=_link, now=now
    )
    name = team.get_member(db_session, actor=actor, staff_id=staff_id, now=now).member.name
    return render_template("staff/people/invited.html", link=made.link, name=name, renewed=True)


@blueprint.post("/<int:staff_id>/sessions/<int:session_id>/end")
@staff_view(Permission.STAFF_MANAGE)
@requires_reauthentication
@writes
def end_session(db_session: Session, staff_id: int, session_id: int) -> Response:
    team.end_session(
        db_session, actor=guards.current_actor(), staff_id=staff_id, session_id=session_id, now=guards.request_time()
    )
    flash(_("That session has ended."))
    return redirect(url_for(".show_member", staff_id=staff_id))
