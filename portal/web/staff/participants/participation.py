"""Pauses, ends, and who has access for a participant: what stands, what may be done, what was done."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.domain.access import Permission, Role, can
from portal.domain.errors import Invalid
from portal.domain.participation import ParticipationStepKind
from portal.extensions import Session, db
from portal.services import accounts, participants, participation
from portal.web import guards
from portal.web.guards import staff, writes
from portal.web.locale import LANGUAGES

blueprint = Blueprint("staff_participation", __name__)
STEPS: Final = {
    ParticipationStepKind.PAUSE: _l("Paused"),
    ParticipationStepKind.RESUME: _l("End the pause"),
    ParticipationStepKind.WITHDRAW: _l("Consent withdrawn"),
    ParticipationStepKind.LOSE: _l("Lost to follow-up"),
    ParticipationStepKind.FIND: _l("Found again"),
    ParticipationStepKind.DIE: _l("Died"),
    ParticipationStepKind.COMPLETE: _l("Completed"),
    ParticipationStepKind.REINSTATE: _l("Take back: it was recorded by mistake"),
}
LONG: Final = Length(max=1000, message=_l("At most 1,000 characters."))
REASON: Final = InputRequired(_l("Write the reason."))


class StepForm(FlaskForm):  # type: ignore[misc]
    step = RadioField(_l("What happened?"), [InputRequired(_l("Choose what happened."))])
    reason = TextAreaField(_l("Reason"), [REASON, LONG])


class StayForm(FlaskForm):  # type: ignore[misc]
    diary = RadioField(
        _l("The diary meanwhile"),
        [InputRequired(_l("Choose how the diary goes on."))],
        choices=[SelectChoice("ward", _l("is kept on the ward")), SelectChoice("paused", _l("is paused"))],
    )
    until_on = DateField(
        _l("First day after the stay"),
        [InputRequired(_l("Enter a day as 2026-12-31."))],
        description=_l("On this day a pause ends by itself."),
    )
    stay_reason = TextAreaField(_l("Reason for the stay"), [REASON, LONG])


class InviteForm(FlaskForm):  # type: ignore[misc]
    role = RadioField(
        _l("Who is it?"),
        [InputRequired(_l("Choose guardian or caregiver."))],
        choices=[SelectChoice("guardian", _l("guardian")), SelectChoice("caregiver", _l("caregiver"))],
    )
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), Length(max=80)])
    phone = StringField(_l("Mobile number (optional)"), [Length(max=40)])
    language = RadioField(_l("Language"), [InputRequired(_l("Choose a language."))], choices=LANGUAGES)


@blueprint.get("/staff/participants/<study_number>/participation")
@staff(Permission.PARTICIPANTS_READ)
def page(study_number: str) -> str:
    return _page(study_number)


def _page(study_number: str, **typed: FlaskForm) -> str:
    actor = guards.actor()
    seen = participation.standing(db.session, actor=actor, study_number=study_number)
    forms: dict[str, Any] = {name: form(formdata=None) for name, form in FORMS.items()} | typed
    forms["step"].step.choices = [
        SelectChoice(str(one), STEPS[one]) for one in seen.steps if one != ParticipationStepKind.PAUSE
    ]
    return render_template(
        "staff/participation/page.html",
        seen=seen,
        forms=forms,
        steps=STEPS,
        accounts=participants.page(db.session, actor=actor, study_number=study_number, now=guards.now()).accounts,
        may_act=can(actor, Permission.PARTICIPATION_ACT, site=seen.site),
        may_invite=can(actor, Permission.ACCOUNTS_INVITE, site=seen.site),
        may_write=can(actor, Permission.DIARY_ON_WARD, site=seen.site),
    )


FORMS: Final[dict[str, Any]] = {"step": StepForm, "stay": StayForm, "invite": InviteForm}


@blueprint.post("/staff/participants/<study_number>/participation")
@staff(Permission.PARTICIPATION_ACT)
@writes
def step(session: Session, study_number: str) -> ResponseReturnValue:
    form, actor = StepForm(), guards.actor()
    known = participation.standing(session, actor=actor, study_number=study_number).steps
    form.step.choices = [SelectChoice(str(one), STEPS[one]) for one in known if one != ParticipationStepKind.PAUSE]
    if not form.validate():
        return _page(study_number, step=form), 422
    wanted = ParticipationStepKind(form.step.data)
    participation.step(
        session, actor=actor, study_number=study_number, step=wanted, reason=form.reason.data, now=guards.now()
    )
    return _done(study_number)


@blueprint.post("/staff/participants/<study_number>/stay")
@staff(Permission.PARTICIPATION_ACT)
@writes
def stay(session: Session, study_number: str) -> ResponseReturnValue:
    form = StayForm()
    if not form.validate():
        return _page(study_number, stay=form), 422
    participation.stay(
        session,
        actor=guards.actor(),
        study_number=study_number,
        diary=form.diary.data,
        until_on=form.until_on.data,
        reason=form.stay_reason.data,
        now=guards.now(),
    )
    return _done(study_number)


@blueprint.post("/staff/participants/<study_number>/accounts")
@staff(Permission.ACCOUNTS_INVITE)
@writes
def invite(session: Session, study_number: str) -> ResponseReturnValue:
    form = InviteForm()
    if not form.validate():
        return _page(study_number, invite=form), 422
    wanted = accounts.Companion(Role(form.role.data), form.name.data, form.phone.data, form.language.data)
    accounts.invite(session, actor=guards.actor(), study_number=study_number, companion=wanted, now=guards.now())
    flash(_("Invited. Issue a card now."), "success")
    return redirect(url_for("staff_participants.participant", study_number=study_number))


@blueprint.post("/staff/participants/<study_number>/accounts/<int:account_id>/revoke")
@staff(Permission.ACCOUNTS_INVITE)
@writes
def revoke(session: Session, study_number: str, account_id: int) -> ResponseReturnValue:
    accounts.revoke_access(
        session, actor=guards.actor(), study_number=study_number, account_id=account_id, now=guards.now()
    )
    return _done(study_number)


def _done(study_number: str) -> ResponseReturnValue:
    flash(_("Recorded."), "success")
    return redirect(url_for(".page", study_number=study_number))


@blueprint.errorhandler(Invalid)
def invalid(error: Invalid) -> ResponseReturnValue:
    """What the service found wrong, at its field, with what was typed."""
    from flask import request

    name = str(request.endpoint).rpartition(".")[2]
    form = FORMS[name]()
    for field, problem in error.problems.items():
        target = "stay_reason" if (name, field) == ("stay", "reason") else field
        form[target].errors = [_(problem)]
    db.session.rollback()
    return _page(str((request.view_args or {})["study_number"]), **{name: form}), 422
