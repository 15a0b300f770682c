"""The rota: who answers at a site in which week. A week without names is said on every page of the study team."""

from datetime import date
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal import protocols
from portal.domain.access import ActorKind, Permission, Role, is_allowed
from portal.domain.errors import NotFound
from portal.domain.protocol import LocalizedText
from portal.extensions import Session, db
from portal.services import rota
from portal.web import guards
from portal.web.forms import Form, submits
from portal.web.guards import staff_view, writes
from portal.web.labels.triage import ROLES

NOBODY: Final = SelectChoice("0", _l("Choose a person"))
# Who may be chosen is for the service to say.
BY_ID: Final[dict[str, Any]] = {
    "coerce": lambda typed: int(typed) if str(typed).isdecimal() else 0,
    "validate_choice": False,
}
PLACES: Final = ("first_id", "second_id", "principal_id")

blueprint = Blueprint("staff_rota", __name__)


class WeekForm(Form):
    first_id = SelectField(
        _l("First"), **BY_ID, description=_l("Is told of every red at once, and of an amber that nobody looked at.")
    )
    second_id = SelectField(_l("Second"), **BY_ID, description=_l("Is told when the first has not looked in time."))
    principal_id = SelectField(_l("Principal investigator"), **BY_ID, description=_l("Is told last."))


@blueprint.get("/staff/rota")
@staff_view(Permission.STUDY_READ)
def show_rota() -> str:
    """Every site of one's own, this week and those ahead."""
    actor, now = guards.current_actor(), guards.request_time()
    sites = [
        {
            "site": protocols.load_protocol().site(code),
            "weeks": rota.list_weeks(db.session, actor=actor, site=code, now=now),
            "names": {person.id: person.name for person in rota.list_rota_members(db.session, actor=actor, site=code)},
            "may_set": is_allowed(actor, Permission.ROTA_SET, site=code),
        }
        for code in sorted(actor.sites)
    ]
    return render_template("staff/rota/index.html", sites=sites)


@blueprint.get("/staff/rota/<site>/<monday>")
@staff_view(Permission.ROTA_SET)
def show_week(site: str, monday: str) -> str:
    form = _form(site, filled=False)
    duty = _week(site, monday).duty
    for name in PLACES:
        form[name].data = getattr(duty, name) if duty else 0
    return _page(site, monday, form)


def _week(site: str, monday: str) -> rota.RotaWeekView:
    """One of the weeks that may be named, of a site of one's own; else NotFound."""
    for one in rota.list_weeks(db.session, actor=guards.current_actor(), site=site, now=guards.request_time()):
        if one.monday_on.isoformat() == monday:
            return one
    raise NotFound


def _form(site: str, *, filled: bool) -> WeekForm:
    form = WeekForm() if filled else WeekForm(formdata=None)
    people = rota.list_rota_members(db.session, actor=guards.current_actor(), site=site)
    for name in PLACES:
        form[name].choices = [NOBODY, *(_choice(one) for one in people if name != "principal_id" or _leads(one))]
    return form


def _choice(person: rota.RotaMember) -> SelectChoice:
    return SelectChoice(str(person.id), _("%(name)s, %(role)s", name=person.name, role=ROLES[person.role]))


def _leads(person: rota.RotaMember) -> bool:
    return person.role == Role.INVESTIGATOR


def _page(site: str, monday: str, form: WeekForm) -> str:
    return render_template(
        "staff/rota/week.html",
        site=protocols.load_protocol().site(site),
        monday_on=date.fromisoformat(monday),
        form=form,
    )


def _sent_form(site: str, monday: str) -> WeekForm:
    _week(site, monday)
    return _form(site, filled=True)


@blueprint.post("/staff/rota/<site>/<monday>")
@staff_view(Permission.ROTA_SET)
@submits(_sent_form, again=_page)
@writes
def name_week(session: Session, form: WeekForm, site: str, monday: str) -> ResponseReturnValue:
    """Name who answers; what is wrong is said at its field, and what was chosen stays."""
    monday_on = _week(site, monday).monday_on
    duty = rota.Duty(*(form[name].data or 0 for name in PLACES))
    rota.set_week(
        session, actor=guards.current_actor(), site=site, monday_on=monday_on, duty=duty, now=guards.request_time()
    )
    flash(_("The week is named."), "success")
    return redirect(url_for(".show_rota"))


@blueprint.app_context_processor
def _context() -> dict[str, Any]:
    return {"uncovered": uncovered_site_names}


def uncovered_site_names() -> list[LocalizedText]:
    """The names of one's own sites with nobody to alert this week; used by the layout of every staff page."""
    person = getattr(current_user, "person", None)
    if person is None or person.kind != ActorKind.STAFF:
        return []
    found = rota.list_uncovered_sites(db.session, actor=guards.current_actor(), now=guards.request_time())
    return [protocols.load_protocol().site(code).name for code in found]
