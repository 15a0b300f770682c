"""Pauses, ends, and who has access for a participant: current status, possible actions, history."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.domain.access import Permission, Role, is_allowed
from portal.domain.participation import ParticipationStepKind
from portal.extensions import Session, db
from portal.services import accounts, participants, participation
from portal.web import guards
from portal.web.forms import DayField, Form, reason_field, submits
from portal.web.guards import staff_view, writes
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
LONGEST_REASON: Final = 1000


class StepForm(Form):
    step = RadioField(_l("What happened?"), [InputRequired(_l("Choose what happened."))])
    reason = reason_field(_l("Reason"), longest=LONGEST_REASON)


class StayForm(Form):
    NAMES: ClassVar = {"reason": "stay_reason"}

    diary = RadioField(
        _l("The diary meanwhile"),
        [InputRequired(_l("Choose how the diary goes on."))],
        choices=[SelectChoice("ward", _l("is kept on the ward")), SelectChoice("paused", _l("is paused"))],
    )
    until_on = DayField(
        _l("First day after the stay"),
        [InputRequired(_l("Enter a day as 2026-12-31."))],
        description=_l("On this day a pause ends by itself."),
    )
    stay_reason = reason_field(_l("Reason for the stay"), longest=LONGEST_REASON)


class InviteForm(Form):
    role = RadioField(
        _l("Who is it?"),
        [InputRequired(_l("Choose guardian or caregiver."))],
        choices=[SelectChoice("guardian", _l("guardian")), SelectChoice("caregiver", _l("caregiver"))],
    )
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), Length(max=80)])
    phone = StringField(_l("Mobile number (optional)"), [Length(max=40)])
    language = RadioField(_l("Language"), [InputRequired(_l("Choose a language."))], choices=LANGUAGES)


@blueprint.get("/staff/participants/<study_number>/participation")
@staff_view(Permission.PARTICIPANTS_READ)
def show_participation(study_number: str) -> str:
    return _page(study_number)


def _page(study_number: str, form: Form | None = None) -> str:
    """``form``: the one that was sent and has something to mend."""
    actor = guards.current_actor()
    seen = participation.get_participation_overview(db.session, actor=actor, study_number=study_number)
    forms: dict[str, Any] = {name: form if type(form) is kind else kind(formdata=None) for name, kind in FORMS.items()}
    forms["step"].step.choices = _choices(seen.steps)
    return render_template(
        "staff/participation/page.html",
        seen=seen,
        forms=forms,
        steps=STEPS,
        accounts=participants.get_participant_page(
            db.session, actor=actor, study_number=study_number, now=guards.request_time()
        ).accounts,
        may_act=is_allowed(actor, Permission.PARTICIPATION_ACT, site=seen.site),
        may_invite=is_allowed(actor, Permission.ACCOUNTS_INVITE, site=seen.site),
        may_write=is_allowed(actor, Permission.DIARY_ON_WARD, site=seen.site),
    )


FORMS: Final[dict[str, Any]] = {"step": StepForm, "stay": StayForm, "invite": InviteForm}


def _choices(steps: Iterable[ParticipationStepKind]) -> list[SelectChoice]:
    return [SelectChoice(str(one), STEPS[one]) for one in steps if one != ParticipationStepKind.PAUSE]


def _step_form(study_number: str) -> StepForm:
    form = StepForm()
    known = participation.get_participation_overview(
        db.session, actor=guards.current_actor(), study_number=study_number
    )
    form.step.choices = _choices(known.steps)
    return form


@blueprint.post("/staff/participants/<study_number>/participation")
@staff_view(Permission.PARTICIPATION_ACT)
@submits(_step_form, again=_page)
@writes
def take_step(session: Session, form: StepForm, study_number: str) -> ResponseReturnValue:
    actor, wanted, reason = guards.current_actor(), ParticipationStepKind(form.step.data), form.reason.data
    participation.take_participation_step(
        session, actor=actor, study_number=study_number, step=wanted, reason=reason, now=guards.request_time()
    )
    return _done(study_number)


@blueprint.post("/staff/participants/<study_number>/stay")
@staff_view(Permission.PARTICIPATION_ACT)
@submits(StayForm, again=_page)
@writes
def record_stay(session: Session, form: StayForm, study_number: str) -> ResponseReturnValue:
    participation.record_stay(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        diary=form.diary.data,
        until_on=form.until_on.data,
        reason=form.stay_reason.data,
        now=guards.request_time(),
    )
    return _done(study_number)


@blueprint.post("/staff/participants/<study_number>/accounts")
@staff_view(Permission.ACCOUNTS_INVITE)
@submits(InviteForm, again=_page)
@writes
def add_account(session: Session, form: InviteForm, study_number: str) -> ResponseReturnValue:
    wanted = accounts.Companion(Role(form.role.data), form.name.data, form.phone.data, form.language.data)
    accounts.add_companion_account(
        session, actor=guards.current_actor(), study_number=study_number, companion=wanted, now=guards.request_time()
    )
    flash(_("Invited. Issue a card now."), "success")
    return redirect(url_for("staff_participants.show_participant", study_number=study_number))


@blueprint.post("/staff/participants/<study_number>/accounts/<int:account_id>/revoke")
@staff_view(Permission.ACCOUNTS_INVITE)
@writes
def revoke_access(session: Session, study_number: str, account_id: int) -> ResponseReturnValue:
    accounts.revoke_access(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        account_id=account_id,
        now=guards.request_time(),
    )
    return _done(study_number)


def _done(study_number: str) -> ResponseReturnValue:
    flash(_("Recorded."), "success")
    return redirect(url_for(".show_participation", study_number=study_number))
