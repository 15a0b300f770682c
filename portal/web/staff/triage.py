"""The coordinator's home: open episodes by clock, one episode, and everything that can be done with it."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from portal import protocols
from portal.domain.access import Permission, can
from portal.domain.tasks import TaskKind
from portal.domain.triage import EpisodeOutcome, EpisodeState, EpisodeStepKind, WaitingFor
from portal.extensions import Session, db
from portal.services import messages, participants, tasks, triage
from portal.web import guards, locale
from portal.web.forms import Form, at_most, reason_field, submits
from portal.web.guards import staff, writes
from portal.web.labels import triage as triage_labels

blueprint = Blueprint("staff_triage", __name__)
blueprint.record_once(lambda state: triage_labels.init_evidence(state.app))

LONGEST_NOTE: Final = 2000
PERSONAL: Final = tuple(kind for kind in TaskKind if kind is not TaskKind.ASSUMPTION)
ON_A_PAGE: Final = 20
SILENT_SHOWN: Final = 10
ANY: Final = SelectChoice("", _l("all"))
OWNERS: Final = {"me": _l("mine"), "nobody": _l("nobody's")}


class StepForm(Form):
    """``version`` is the state that the person saw."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    note = TextAreaField(_l("Note (optional)"), [at_most(LONGEST_NOTE)], default="")


class NoteForm(StepForm):
    note = TextAreaField(_l("Note"), [InputRequired(_l("Write a few words.")), at_most(LONGEST_NOTE)], default="")


class WaitForm(StepForm):
    waiting_for = RadioField(
        _l("What has to come first?"),
        [InputRequired(_l("Choose what has to come first."))],
        choices=[SelectChoice(str(one), triage_labels.WAITING_FOR[one]) for one in WaitingFor],
    )


class HandOverForm(StepForm):
    to_staff_id = SelectField(_l("Who takes it over?"), coerce=int)


class CloseForm(StepForm):
    outcome = RadioField(
        _l("How did it end?"),
        [InputRequired(_l("Choose how it ended."))],
        choices=[SelectChoice(str(outcome), triage_labels.OUTCOMES[outcome]) for outcome in EpisodeOutcome],
    )
    note = reason_field(_l("Reason"), longest=LONGEST_NOTE)


@dataclass(frozen=True, slots=True)
class Act:
    """A verb on the page: its form, the service that does it with these fields, and what is said afterwards."""

    form: type[StepForm]
    service: Callable[..., None]
    fields: tuple[str, ...]
    done: Any


ACTS: Final = {
    EpisodeStepKind.CLAIM: Act(StepForm, triage.claim, ("version",), _l("You have claimed this episode.")),
    EpisodeStepKind.CONTACT: Act(StepForm, triage.contact, ("version", "note"), _l("The contact is recorded.")),
    EpisodeStepKind.WAIT: Act(WaitForm, triage.wait, ("version", "waiting_for", "note"), _l("Set to waiting.")),
    EpisodeStepKind.NOTE: Act(NoteForm, triage.note, ("note",), _l("The note is kept.")),
    EpisodeStepKind.HAND_OVER: Act(
        HandOverForm, triage.hand_over, ("version", "to_staff_id", "note"), _l("Passed on.")
    ),
    EpisodeStepKind.CLOSE: Act(CloseForm, triage.close, ("version", "outcome", "note"), _l("The episode is closed.")),
    EpisodeStepKind.REOPEN: Act(
        StepForm, triage.reopen, ("version", "note"), _l("The episode is open again, and yours.")
    ),
}


class NarrowForm(Form):
    """What of the list is asked for; it changes nothing, so that it travels in the address and has no token."""

    severity = SelectField(_l("Level"))
    organ = SelectField(_l("Organ"))
    state = SelectField(_l("EpisodeState"))
    owner = SelectField(_l("Owner"))
    site = SelectField(_l("Site"))

    def __init__(self, sites: Collection[str]) -> None:
        super().__init__(request.args, meta={"csrf": False})
        offered: dict[str, Mapping[str, Any]] = {
            "severity": triage_labels.SEVERITIES,
            "organ": triage_labels.ORGANS,
            "state": {code: words for code, words in triage_labels.STATES.items() if code != EpisodeState.CLOSED},
            "owner": OWNERS,
            "site": {code: protocols.load().site(code).name.in_(locale.language()) for code in sorted(sites)},
        }
        for name, table in offered.items():
            self[name].choices = [ANY, *(SelectChoice(code, words) for code, words in table.items())]

    def chosen(self) -> dict[str, str]:
        """By field what was asked for; anything that is not offered is not asked for."""
        return {field.name: field.data for field in self if field.data and field.data in dict(_offered(field))}

    def narrowed(self, actor_id: int | None) -> triage.Narrowed:
        asked = self.chosen()
        owners = {"me": actor_id, "nobody": triage.NOBODY}
        return triage.Narrowed(owner_id=owners.get(asked.pop("owner", "")), **asked)


def _offered(field: SelectField) -> Iterator[tuple[str, Any]]:
    return ((choice.value, choice.label) for choice in field.choices)


@blueprint.get("/staff/triage")
@staff(Permission.TRIAGE_READ)
def index() -> Response:
    """The list. Its ETag is that of what it shows in this minute: a page that refreshes itself is rarely drawn."""
    form = NarrowForm(guards.actor().sites)
    shown = _shown(form)
    etag = hashlib.sha256(f"{locale.language()}{guards.now():%Y%m%d%H%M}{shown}".encode()).hexdigest()[:32]
    response = Response(status=304)
    if etag not in request.if_none_match:
        response = make_response(render_template("staff/triage/index.html", form=form, **shown))
    response.set_etag(etag)
    return response


def _shown(form: NarrowForm) -> dict[str, Any]:
    """What the part of the page that keeps itself fresh is made of."""
    actor, now = guards.actor(), guards.now()
    page = triage.open_page(
        db.session,
        actor=actor,
        now=now,
        limit=ON_A_PAGE,
        narrowed=form.narrowed(actor.id),
        after=guards.row_id("after"),
    )
    return {
        "page": page,
        "asked": form.chosen(),
        "silent": triage.silent_list(db.session, actor=actor, now=now, limit=SILENT_SHOWN + 1),
        "tasks": tasks.open_list(db.session, actor=actor, kinds=PERSONAL),
        "unread": messages.unread_count(db.session, actor=actor),
        "silent_shown": SILENT_SHOWN,
        "assumptions": tasks.count_open(db.session, kind=TaskKind.ASSUMPTION),
    }


@blueprint.get("/staff/silence")
@staff(Permission.TRIAGE_READ)
def silence() -> str:
    """Everybody without a diary for two days, the longest silence first."""
    silent = triage.silent_list(db.session, actor=guards.actor(), now=guards.now())
    return render_template("staff/triage/silence.html", silent=silent)


@blueprint.get("/staff/episodes/<int:episode_id>")
@staff(Permission.TRIAGE_READ)
def episode(episode_id: int) -> str:
    return _page(episode_id)


def _page(episode_id: int, *, typed: tuple[EpisodeStepKind, StepForm] | None = None, **shown: Any) -> str:
    """``typed``: the form that has to be shown again as it was filled in."""
    actor = guards.actor()
    page = triage.episode(db.session, episode_id=episode_id, actor=actor, now=guards.now())
    acts = can(actor, Permission.TRIAGE_ACT, site=page.site)
    forms = {verb: _form(verb, page) for verb in page.verbs if acts}
    if typed is not None and typed[0] in forms:
        forms[typed[0]] = typed[1]
    return render_template(
        "staff/triage/episode.html",
        page=page,
        forms=forms,
        typed=typed and typed[0],
        may_ring=can(actor, Permission.IDENTIFIERS_READ, site=page.site),
        **shown,
    )


def _form(verb: EpisodeStepKind, page: triage.EpisodePage, *, filled: bool = False) -> StepForm:
    """A fresh form, or the one just sent. ``version`` is always that of the page being shown."""
    form = ACTS[verb].form() if filled else ACTS[verb].form(formdata=None)
    if isinstance(form, HandOverForm):
        form.to_staff_id.choices = [SelectChoice(str(one.id), one.name) for one in page.colleagues]
    if not filled:
        form.version.data = page.version
    return form


@blueprint.post("/staff/episodes/<int:episode_id>/phone")
@staff(Permission.IDENTIFIERS_READ)
@writes
def phone(session: Session, episode_id: int) -> str:
    """The numbers to ring. That they were looked at is in the trail."""
    now, actor = guards.now(), guards.actor()
    number = triage.episode(session, episode_id=episode_id, actor=actor, now=now).study_number
    found = participants.identifiers(session, actor=actor, study_number=number, now=now)
    return _page(episode_id, contacts=found.contacts)


def _sent_form(episode_id: int, verb: str) -> StepForm:
    page = triage.episode(db.session, episode_id=episode_id, actor=guards.actor(), now=guards.now())
    return _form(EpisodeStepKind(verb), page, filled=True)


def _again(form: StepForm, episode_id: int, verb: str) -> str:
    """After a conflict: why, above the episode as it is now. The form then has the version that its sender sees."""
    if form.conflict:
        page = triage.episode(db.session, episode_id=episode_id, actor=guards.actor(), now=guards.now())
        form.version.data, form.version.raw_data = page.version, None
    return _page(episode_id, typed=(EpisodeStepKind(verb), form), problem=form.problems.get(""))


@blueprint.post("/staff/episodes/<int:episode_id>/<any(claim, contact, wait, note, 'hand-over', close, reopen):verb>")
@staff(Permission.TRIAGE_ACT)
@submits(_sent_form, again=_again)
@writes
def step(session: Session, form: StepForm, episode_id: int, verb: str) -> ResponseReturnValue:
    """One step. What was typed comes back when something is missing or somebody was first."""
    act = ACTS[EpisodeStepKind(verb)]
    values = {name: form[name].data for name in act.fields}
    act.service(session, actor=guards.actor(), episode_id=episode_id, now=guards.now(), **values)
    flash(str(act.done), "success")
    return redirect(url_for(".index") if verb == EpisodeStepKind.CLOSE else url_for(".episode", episode_id=episode_id))
