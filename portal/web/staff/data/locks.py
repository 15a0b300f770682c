"""Closed data: what is frozen or locked, closing more, and opening it again."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal import protocols
from portal.domain.access import Permission, can
from portal.domain.errors import Invalid
from portal.domain.locking import REASON_MAX, Kind
from portal.extensions import Session, db
from portal.services import locking
from portal.web import guards, locale
from portal.web.guards import staff, writes

blueprint = Blueprint("staff_locks", __name__)
KINDS: Final = {Kind.FREEZE: _l("Frozen"), Kind.LOCK: _l("Locked")}
REASON: Final = (InputRequired(_l("Write the reason.")), Length(max=REASON_MAX, message=_l("At most 500 characters.")))


@blueprint.record_once
def _filters(state: Any) -> None:
    state.app.add_template_filter(lambda kind: str(KINDS[kind]), "lock_words")


class CloseForm(FlaskForm):  # type: ignore[misc]
    kind = RadioField(
        _l("How firmly?"),
        [InputRequired(_l("Choose one."))],
        choices=[
            SelectChoice(str(Kind.FREEZE), _l("Freeze: opened again with a reason")),
            SelectChoice(str(Kind.LOCK), _l("Lock: opened again with a reason and a signature")),
        ],
    )
    study_number = StringField(
        _l("Study number (optional)"), [Length(max=20)], description=_l("Without one, the whole site is closed.")
    )
    site = SelectField(_l("Site"))
    until_on = DateField(
        _l("Up to and including (optional)"),
        [Optional()],
        description=_l("A day that is over. Without it, everything of the participant is closed."),
    )
    reason = TextAreaField(_l("Reason"), REASON, description=_l("It is shown to whoever tries to change something."))

    def closing(self) -> locking.Closing:
        number = (self.study_number.data or "").strip() or None
        return locking.Closing(Kind(self.kind.data), self.site.data, number, self.until_on.data, self.reason.data)


class OpenForm(FlaskForm):  # type: ignore[misc]
    """``password`` and ``code`` are asked for where it is a lock."""

    reason = TextAreaField(_l("Why is it opened again?"), REASON)
    password = PasswordField(_l("Your password"), [Length(max=200)])
    code = StringField(
        _l("One-time code"),
        [Length(max=20)],
        description=_l("A fresh one: the code of your sign-in does not work again."),
    )


@blueprint.get("/staff/locks")
@staff(Permission.PARTICIPANTS_READ)
def index() -> str:
    """``?before=`` the last one of the page before."""
    return _page(_form(formdata=None))


def _form(**how: Any) -> CloseForm:
    form = CloseForm(**how)
    mine = [site for site in protocols.load().sites if site.code in guards.actor().sites]
    form.site.choices = [SelectChoice(site.code, site.name.in_(locale.language())) for site in mine]
    if form.site.data is None and mine:
        form.site.data = mine[0].code
    return form


def _page(form: CloseForm) -> str:
    actor = guards.actor()
    rows = locking.listing(db.session, actor=actor, before=guards.row_id("before"))
    older = rows[-1].id if len(rows) == locking.PAGE else None
    may_lock = can(actor, Permission.DATA_LOCK)
    return render_template("staff/locks/index.html", rows=rows, older=older, form=form, may_lock=may_lock)


@blueprint.post("/staff/locks")
@staff(Permission.DATA_LOCK)
@writes
def close(session: Session) -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _page(form), 422
    try:
        locking.close(session, actor=guards.actor(), closing=form.closing(), now=guards.now())
    except Invalid as refused:
        for name, words in refused.problems.items():
            form[name].errors = [_(words)]
        return _page(form), 422
    flash(_("Closed. Changes are refused from now on."), "success")
    return redirect(url_for(".index"))


@blueprint.get("/staff/locks/<int:lock_id>")
@staff(Permission.DATA_LOCK)
def one(lock_id: int) -> str:
    return _one(lock_id, OpenForm(formdata=None))


def _one(lock_id: int, form: OpenForm) -> str:
    row = locking.one(db.session, actor=guards.actor(), lock_id=lock_id)
    return render_template("staff/locks/one.html", row=row, form=form)


@blueprint.post("/staff/locks/<int:lock_id>")
@staff(Permission.DATA_LOCK)
@writes
def lift(session: Session, lock_id: int) -> ResponseReturnValue:
    """A lock wants password and code; a refused try is counted, in the trail, and says not which was wrong."""
    form = OpenForm()
    if not form.validate():
        return _one(lock_id, form), 422
    opened = locking.lift(
        session,
        actor=guards.actor(),
        lock_id=lock_id,
        reason=form.reason.data,
        password=form.password.data or "",
        code=form.code.data or "",
        now=guards.now(),
    )
    if not opened:
        form.code.errors = [_("That did not work. Check the password, and use a fresh code; a code works once.")]
        return _one(lock_id, form), 422
    flash(_("Open again."), "success")
    return redirect(url_for(".index"))
