"""Results and assessments of one participant: entered, signed, changed, and shown beside the diary's estimate."""

from dataclasses import fields
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal import protocols
from portal.domain.access import Permission, is_allowed
from portal.domain.assessing import AssessmentFindings, Certainty
from portal.domain.signing import SignatureMeaning
from portal.extensions import Session, db
from portal.services import assessments, participants
from portal.web import guards
from portal.web.forms import DayField, Form, NumberField, SignedForm, reason_field, submits
from portal.web.guards import staff_view, writes
from portal.web.labels import triage
from portal.web.labels.assessments import CERTAINTIES, KINDS, MEANINGS, MEASURES, STANDINGS, UNITS

NOT_ASSESSED: Final = SelectChoice("", _l("not assessed"))
ENTER_A_DAY: Final = _l("Enter a day, such as 2026-11-26.")

blueprint = Blueprint("staff_assessments", __name__)


@blueprint.record_once
def _filters(state: Any) -> None:
    tables = {
        "measurement": KINDS,
        "unit": UNITS,
        "certainty": CERTAINTIES,
        "meaning": MEANINGS,
        "signature_status": STANDINGS,
    }
    for name, table in tables.items():
        state.app.add_template_filter(lambda code, table=table: str(table.get(code, code)), f"{name}_label")


class ResultForm(Form):
    measure = SelectField(_l("Measured value"), choices=[SelectChoice(key, words) for key, words in MEASURES.items()])
    value = NumberField(_l("Value"), [InputRequired(_l("Enter a number."))])
    measured_on = DayField(_l("Date"), [InputRequired(ENTER_A_DAY)])
    measured_time = TimeField(_l("Time"), [InputRequired(_l("Enter a time, such as 08:30."))])
    confirmed = BooleanField(_l("The value and the unit are right"))


class VoidForm(Form):
    reason = reason_field(_l("Why is it void?"), longest=2000, kind=StringField)


def _stage(label: Any, highest: int) -> SelectField:
    return SelectField(
        label,
        choices=[NOT_ASSESSED, *(SelectChoice(str(stage), str(stage)) for stage in range(highest + 1))],
        coerce=lambda text: int(text) if text not in ("", None, "None") else None,
    )


class FindingsForm(Form):
    """Field names are those of ``domain.assessing.AssessmentFindings``."""

    assessed_on = DayField(_l("Day of the assessment"), [InputRequired(ENTER_A_DAY)])
    skin = _stage(_l("Skin, stage"), 4)
    liver = _stage(_l("Liver, stage"), 4)
    upper_gi = _stage(_l("Upper GI, stage"), 1)
    lower_gi = _stage(_l("Lower GI, stage"), 4)
    certainty = RadioField(
        _l("What is it?"),
        [InputRequired(_l("Choose one."))],
        choices=[SelectChoice(str(one), CERTAINTIES[one]) for one in Certainty],
    )
    onset_on = DayField(_l("Day of onset"), [Optional()])
    cause = StringField(_l("Cause, if it is not GVHD"), [Length(max=2000)])
    treatment = StringField(_l("Treatment started (optional)"), [Length(max=2000)])
    treatment_on = DayField(_l("Treatment started on (optional)"), [Optional()])
    note = TextAreaField(_l("Note (optional)"), [Length(max=2000)])

    def findings(self) -> AssessmentFindings:
        values: dict[str, Any] = {field.name: self[field.name].data for field in fields(AssessmentFindings)}
        filled: dict[str, Any] = {name: None if value == "" else value for name, value in values.items()}
        return AssessmentFindings(**filled)


class ChangeForm(FindingsForm):
    change_reason = reason_field(_l("Why is it changed?"), longest=2000, kind=StringField)


class SignForm(SignedForm):
    meaning = RadioField(
        _l("What does your signature mean?"),
        [InputRequired(_l("Choose one."))],
        choices=[SelectChoice(str(one), MEANINGS[one]) for one in SignatureMeaning],
    )


@blueprint.get("/staff/participants/<study_number>/clinical")
@staff_view(Permission.PARTICIPANTS_READ)
def show_clinical_page(study_number: str) -> str:
    """Results, assessments and the diary's estimate, side by side."""
    return _page(study_number, _fresh_result())


def _fresh_result() -> ResultForm:
    local = guards.request_time().astimezone(ZoneInfo(protocols.load_protocol().timezone))
    return ResultForm(formdata=None, measured_on=local.date(), measured_time=local.time())


def _page(study_number: str, form: ResultForm, **shown: Any) -> str:
    actor = guards.current_actor()
    person = participants.get_participant_page(
        db.session, actor=actor, study_number=study_number, now=guards.request_time()
    )
    return render_template(
        "staff/assessments/page.html",
        page=person,
        results=assessments.list_results(db.session, actor=actor, study_number=study_number),
        assessed=assessments.list_assessments(db.session, actor=actor, study_number=study_number),
        form=form,
        may_enter=is_allowed(actor, Permission.LABS_ENTER, site=person.site),
        may_assess=is_allowed(actor, Permission.ASSESS, site=person.site),
        **shown,
    )


@blueprint.post("/staff/participants/<study_number>/results")
@staff_view(Permission.LABS_ENTER)
@submits(ResultForm, again=_page)
@writes
def enter_result(session: Session, form: ResultForm, study_number: str) -> ResponseReturnValue:
    """Keep a value, or ask about an unlikely one: the same form comes back with the question and a box to tick."""
    given = {"measure": form.measure.data, "value": Decimal(form.value.data), "confirmed": form.confirmed.data}
    measured_at = _instant(form.measured_on.data, form.measured_time.data)
    entered = assessments.enter_result(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        measured_at=measured_at,
        now=guards.request_time(),
        **given,
    )
    if entered.question is not None:
        asked = triage.evidence_label(entered.question)
        form.value.errors = [asked]
        return _page(study_number, form, asked=asked), 422
    flash(_("The value is kept."), "success")
    return redirect(url_for(".show_clinical_page", study_number=study_number))


def _instant(on: date, at: time) -> datetime:
    return datetime.combine(on, at, ZoneInfo(protocols.load_protocol().timezone))


def _page_to_void(form: VoidForm, study_number: str, result_id: int) -> str:
    form.reason.id = f"void-reason-{result_id}"
    return _page(study_number, _fresh_result(), voiding=form)


@blueprint.post("/staff/participants/<study_number>/results/<int:result_id>/void")
@staff_view(Permission.LABS_ENTER)
@submits(VoidForm, again=_page_to_void)
@writes
def void_result(session: Session, form: VoidForm, study_number: str, result_id: int) -> ResponseReturnValue:
    actor, reason, now = guards.current_actor(), form.reason.data, guards.request_time()
    assessments.void_result(
        session, actor=actor, study_number=study_number, result_id=result_id, reason=reason, now=now
    )
    flash(_("The value is void; it stays visible."), "success")
    return redirect(url_for(".show_clinical_page", study_number=study_number))


@blueprint.get("/staff/participants/<study_number>/assessments/new")
@staff_view(Permission.ASSESS)
def show_new_assessment(study_number: str) -> str:
    form = FindingsForm(formdata=None, assessed_on=_today())
    return _findings_page(study_number, form)


def _today() -> date:
    return guards.request_time().astimezone(ZoneInfo(protocols.load_protocol().timezone)).date()


def _findings_page(study_number: str, form: FindingsForm, before: assessments.AssessmentView | None = None) -> str:
    actor = guards.current_actor()
    person = participants.get_participant_page(
        db.session, actor=actor, study_number=study_number, now=guards.request_time()
    )
    results = assessments.list_results(db.session, actor=actor, study_number=study_number)
    newest = next((one for one in results if one.liver and not one.voided_at), None)
    return render_template("staff/assessments/findings.html", page=person, form=form, before=before, bilirubin=newest)


@blueprint.post("/staff/participants/<study_number>/assessments/new")
@staff_view(Permission.ASSESS)
@submits(FindingsForm, again=_findings_page)
@writes
def create_assessment(session: Session, form: FindingsForm, study_number: str) -> ResponseReturnValue:
    assessment_id = assessments.create_assessment(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        findings=form.findings(),
        now=guards.request_time(),
    )
    return redirect(url_for(".show_assessment", assessment_id=assessment_id))


@blueprint.get("/staff/assessments/<int:assessment_id>")
@staff_view(Permission.PARTICIPANTS_READ)
def show_assessment(assessment_id: int) -> str:
    return _one(assessment_id, SignForm(formdata=None, meaning=SignatureMeaning.ASSESSED))


def _one(assessment_id: int, form: SignForm) -> str:
    actor = guards.current_actor()
    seen = assessments.get_assessment(db.session, actor=actor, assessment_id=assessment_id)
    person = participants.get_participant_page(
        db.session, actor=actor, study_number=seen.study_number, now=guards.request_time()
    )
    may_act = seen.newest and is_allowed(actor, Permission.ASSESS, site=seen.site)
    return render_template("staff/assessments/one.html", seen=seen, page=person, form=form, may_act=may_act)


@blueprint.get("/staff/assessments/<int:assessment_id>/change")
@staff_view(Permission.ASSESS)
def show_change_form(assessment_id: int) -> str:
    seen = assessments.get_assessment(db.session, actor=guards.current_actor(), assessment_id=assessment_id)
    return _page_to_change(ChangeForm(formdata=None, obj=seen.findings), assessment_id)


def _page_to_change(form: ChangeForm, assessment_id: int) -> str:
    seen = assessments.get_assessment(db.session, actor=guards.current_actor(), assessment_id=assessment_id)
    return _findings_page(seen.study_number, form, seen)


@blueprint.post("/staff/assessments/<int:assessment_id>/change")
@staff_view(Permission.ASSESS)
@submits(ChangeForm, again=_page_to_change)
@writes
def change_assessment(session: Session, form: ChangeForm, assessment_id: int) -> ResponseReturnValue:
    actor, findings, reason = guards.current_actor(), form.findings(), form.change_reason.data
    seen = assessments.get_assessment(session, actor=actor, assessment_id=assessment_id)
    newer = assessments.change_assessment(
        session, actor=actor, assessment_id=assessment_id, findings=findings, reason=reason, now=guards.request_time()
    )
    flash(_("Version %(version)s is kept. It is not signed yet.", version=seen.version + 1), "success")
    return redirect(url_for(".show_assessment", assessment_id=newer))


@blueprint.post("/staff/assessments/<int:assessment_id>/sign")
@staff_view(Permission.ASSESS)
@submits(SignForm, again=_one)
@writes
def sign_assessment(session: Session, form: SignForm, assessment_id: int) -> ResponseReturnValue:
    """Sign with password and one-time code. A refused try is counted, audited, and does not say which was wrong."""
    meaning, now = SignatureMeaning(form.meaning.data), guards.request_time()
    signed = assessments.sign_assessment(
        session, actor=guards.current_actor(), assessment_id=assessment_id, meaning=meaning, now=now, **form.signature
    )
    if not signed:
        form.take_refused_signature()
        return _one(assessment_id, form), 422
    flash(_("Signed."), "success")
    return redirect(url_for(".show_assessment", assessment_id=assessment_id))
