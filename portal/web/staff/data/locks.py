"""Closed data: what is frozen or locked, closing more, and opening it again."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal import protocols
from portal.domain.access import Permission, is_allowed
from portal.domain.locking import REASON_MAX, LockKind
from portal.extensions import Session, db
from portal.services import locking
from portal.web import guards, locale
from portal.web.forms import DayField, Form, SignedForm, reason_field, submits
from portal.web.guards import staff_view, writes

blueprint = Blueprint("staff_locks", __name__)
KINDS: Final = {LockKind.FREEZE: _l("Frozen"), LockKind.LOCK: _l("Locked")}


@blueprint.record_once
def _filters(state: Any) -> None:
    state.app.add_template_filter(lambda kind: str(KINDS[kind]), "lock_kind_label")


class CloseForm(Form):
    kind = RadioField(
        _l("How firmly?"),
        [InputRequired(_l("Choose one."))],
        choices=[
            SelectChoice(LockKind.FREEZE, _l("Freeze: opened again with a reason")),
            SelectChoice(LockKind.LOCK, _l("Lock: opened again with a reason and a signature")),
        ],
    )
    study_number = StringField(
        _l("Study number (optional)"), [Length(max=20)], description=_l("Without one, the whole site is closed.")
    )
    site = SelectField(_l("Site"))
    until_on = DayField(
        _l("Up to and including (optional)"),
        [Optional()],
        description=_l("A day that is over. Without it, everything of the participant is closed."),
    )
    reason = reason_field(
        _l("Reason"), longest=REASON_MAX, description=_l("It is shown to whoever tries to change something.")
    )

    def closing(self) -> locking.LockRequest:
        number = (self.study_number.data or "").strip() or None
        return locking.LockRequest(
            LockKind(self.kind.data), self.site.data, number, self.until_on.data, self.reason.data
        )


class UnfreezeForm(Form):
    reason = reason_field(_l("Why is it opened again?"), longest=REASON_MAX)


class UnlockForm(SignedForm):
    reason = reason_field(_l("Why is it opened again?"), longest=REASON_MAX)


@blueprint.get("/staff/locks")
@staff_view(Permission.PARTICIPANTS_READ)
def list_locks() -> str:
    """``?before=`` the last one of the page before."""
    return _page(_form(formdata=None))


def _form(**how: Any) -> CloseForm:
    form = CloseForm(**how)
    mine = [site for site in protocols.load_protocol().sites if site.code in guards.current_actor().sites]
    form.site.choices = [SelectChoice(site.code, site.name.in_(locale.current_language())) for site in mine]
    if form.site.data is None and mine:
        form.site.data = mine[0].code
    return form


def _page(form: CloseForm) -> str:
    actor = guards.current_actor()
    rows = locking.list_locks(db.session, actor=actor, before=guards.read_row_id("before"))
    older = rows[-1].id if len(rows) == locking.PAGE else None
    may_lock = is_allowed(actor, Permission.DATA_LOCK)
    return render_template("staff/locks/index.html", rows=rows, older=older, form=form, may_lock=may_lock)


@blueprint.post("/staff/locks")
@staff_view(Permission.DATA_LOCK)
@submits(_form, again=_page)
@writes
def close_data(session: Session, form: CloseForm) -> ResponseReturnValue:
    locking.close_data(session, actor=guards.current_actor(), closing=form.closing(), now=guards.request_time())
    flash(_("Closed. Changes are refused from now on."), "success")
    return redirect(url_for(".list_locks"))


@blueprint.get("/staff/locks/<int:lock_id>")
@staff_view(Permission.DATA_LOCK)
def show_lock(lock_id: int) -> str:
    return _one(lock_id, _opening(lock_id, formdata=None))


def _lock(lock_id: int) -> locking.LockView:
    return locking.get_lock(db.session, actor=guards.current_actor(), lock_id=lock_id)


def _opening(lock_id: int, **how: Any) -> UnfreezeForm | UnlockForm:
    """A lock wants a signature."""
    return UnlockForm(**how) if _lock(lock_id).kind == LockKind.LOCK else UnfreezeForm(**how)


def _one(lock_id: int, form: UnfreezeForm | UnlockForm) -> str:
    row = _lock(lock_id)
    return render_template("staff/locks/one.html", row=row, form=form)


@blueprint.post("/staff/locks/<int:lock_id>")
@staff_view(Permission.DATA_LOCK)
@submits(_opening, again=_one)
@writes
def lift_lock(session: Session, form: UnfreezeForm | UnlockForm, lock_id: int) -> ResponseReturnValue:
    """A refused try of a signature is counted, in the audit log, and says not which was wrong."""
    signature = form.signature if isinstance(form, UnlockForm) else {}
    opened = locking.lift_lock(
        session,
        actor=guards.current_actor(),
        lock_id=lock_id,
        reason=form.reason.data,
        now=guards.request_time(),
        **signature,
    )
    if not opened and isinstance(form, UnlockForm):
        form.take_refused_signature()
        return _one(lock_id, form), 422
    flash(_("Open again."), "success")
    return redirect(url_for(".list_locks"))
