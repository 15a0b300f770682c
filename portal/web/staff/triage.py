"""The coordinator's start page: open episodes by deadline, one episode, and every action on it."""

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
from portal.domain.access import Permission, is_allowed
from portal.domain.tasks import TaskKind
from portal.domain.triage import EpisodeOutcome, EpisodeState, EpisodeStepKind, WaitingFor
from portal.extensions import Session, db
from portal.services import messages, participants, tasks, triage
from portal.web import guards, locale
from portal.web.forms import Form, at_most, reason_field, submits
from portal.web.guards import staff_view, writes
from portal.web.labels import triage as triage_labels

blueprint = Blueprint("staff_triage", __name__)
blueprint.record_once(lambda state: triage_labels.init_triage_labels(state.app))

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
class TriageAction:
    """A verb on the page: its form, the service that does it with these fields, and what is said afterwards."""

    form: type[StepForm]
    service: Callable[..., None]
    fields: tuple[str, ...]
    done: Any


ACTS: Final = {
    EpisodeStepKind.CLAIM: TriageAction(
        StepForm, triage.claim_episode, ("version",), _l("You have claimed this episode.")
    ),
    EpisodeStepKind.CONTACT: TriageAction(
        StepForm, triage.record_contact, ("version", "note"), _l("The contact is recorded.")
    ),
    EpisodeStepKind.WAIT: TriageAction(
        WaitForm, triage.set_waiting, ("version", "waiting_for", "note"), _l("Set to waiting.")
    ),
    EpisodeStepKind.NOTE: TriageAction(NoteForm, triage.add_note, ("note",), _l("The note is kept.")),
    EpisodeStepKind.HAND_OVER: TriageAction(
        HandOverForm, triage.hand_over_episode, ("version", "to_staff_id", "note"), _l("Handed over.")
    ),
    EpisodeStepKind.CLOSE: TriageAction(
        CloseForm, triage.close_episode, ("version", "outcome", "note"), _l("The episode is closed.")
    ),
    EpisodeStepKind.REOPEN: TriageAction(
        StepForm, triage.reopen_episode, ("version", "note"), _l("The episode is open again, and yours.")
    ),
}


class NarrowForm(Form):
    """What of the list is asked for; it changes nothing, so that it travels in the address and has no token."""

    severity = SelectField(_l("Level"))
    organ = SelectField(_l("Organ"))
    state = SelectField(_l("State"))
    owner = SelectField(_l("Owner"))
    site = SelectField(_l("Site"))

    def __init__(self, sites: Collection[str]) -> None:
        super().__init__(request.args, meta={"csrf": False})
        offered: dict[str, Mapping[str, Any]] = {
            "severity": triage_labels.SEVERITIES,
            "organ": triage_labels.ORGANS,
            "state": {code: words for code, words in triage_labels.STATES.items() if code != EpisodeState.CLOSED},
            "owner": OWNERS,
            "site": {
                code: protocols.load_protocol().site(code).name.in_(locale.current_language()) for code in sorted(sites)
            },
        }
        for name, table in offered.items():
            self[name].choices = [ANY, *(SelectChoice(code, words) for code, words in table.items())]

    def chosen(self) -> dict[str, str]:
        """By field what was asked for; anything that is not offered is not asked for."""
        return {field.name: field.data for field in self if field.data and field.data in dict(_offered(field))}

    def narrowed(self, actor_id: int | None) -> triage.EpisodeFilter:
        asked = self.chosen()
        owners = {"me": actor_id, "nobody": triage.NO_OWNER}
        return triage.EpisodeFilter(owner_id=owners.get(asked.pop("owner", "")), **asked)


def _offered(field: SelectField) -> Iterator[tuple[str, Any]]:
    return ((choice.value, choice.label) for choice in field.choices)


@blueprint.get("/staff/triage")
@staff_view(Permission.TRIAGE_READ)
def show_triage_list() -> Response:
    """The list. Its ETag is that of what it shows in this minute: a page that refreshes itself is rarely drawn."""
    form = NarrowForm(guards.current_actor().sites)
    shown = _shown(form)
    etag = hashlib.sha256(f"{locale.current_language()}{guards.request_time():%Y%m%d%H%M}{shown}".encode()).hexdigest()[
        :32
    ]
    response = Response(status=304)
    if etag not in request.if_none_match:
        response = make_response(render_template("staff/triage/index.html", form=form, **shown))
    response.set_etag(etag)
    return response


def _shown(form: NarrowForm) -> dict[str, Any]:
    """What the part of the page that keeps itself fresh is made of."""
    actor, now = guards.current_actor(), guards.request_time()
    page = triage.list_open_page(
        db.session,
        actor=actor,
        now=now,
        limit=ON_A_PAGE,
        narrowed=form.narrowed(actor.id),
        after=guards.read_row_id("after"),
    )
    return {
        "page": page,
        "asked": form.chosen(),
        "silent": triage.list_without_recent_diary(db.session, actor=actor, now=now, limit=SILENT_SHOWN + 1),
        "tasks": tasks.list_open_tasks(db.session, actor=actor, kinds=PERSONAL),
        "unread": messages.count_unread(db.session, actor=actor),
        "silent_shown": SILENT_SHOWN,
        "assumptions": tasks.count_open_tasks(db.session, kind=TaskKind.ASSUMPTION),
    }


@blueprint.get("/staff/silence")
@staff_view(Permission.TRIAGE_READ)
def list_without_diary() -> str:
    """Everybody without a diary for two days, the longest silence first."""
    silent = triage.list_without_recent_diary(db.session, actor=guards.current_actor(), now=guards.request_time())
    return render_template("staff/triage/silence.html", silent=silent)


@blueprint.get("/staff/episodes/<int:episode_id>")
@staff_view(Permission.TRIAGE_READ)
def show_episode(episode_id: int) -> str:
    return _page(episode_id)


def _page(episode_id: int, *, typed: tuple[EpisodeStepKind, StepForm] | None = None, **shown: Any) -> str:
    """``typed``: the form that has to be shown again as it was filled in."""
    actor = guards.current_actor()
    page = triage.get_episode(db.session, episode_id=episode_id, actor=actor, now=guards.request_time())
    acts = is_allowed(actor, Permission.TRIAGE_ACT, site=page.site)
    forms = {verb: _form(verb, page) for verb in page.verbs if acts}
    if typed is not None and typed[0] in forms:
        forms[typed[0]] = typed[1]
    return render_template(
        "staff/triage/episode.html",
        page=page,
        forms=forms,
        typed=typed and typed[0],
        may_ring=is_allowed(actor, Permission.IDENTIFIERS_READ, site=page.site),
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
@staff_view(Permission.IDENTIFIERS_READ)
@writes
def reveal_phone(session: Session, episode_id: int) -> str:
    """The phone numbers to call. That they were shown is in the audit log."""
    now, actor = guards.request_time(), guards.current_actor()
    number = triage.get_episode(session, episode_id=episode_id, actor=actor, now=now).study_number
    found = participants.reveal_identifiers(session, actor=actor, study_number=number, now=now)
    return _page(episode_id, contacts=found.contacts)


def _sent_form(episode_id: int, verb: str) -> StepForm:
    page = triage.get_episode(
        db.session, episode_id=episode_id, actor=guards.current_actor(), now=guards.request_time()
    )
    return _form(EpisodeStepKind(verb), page, filled=True)


def _again(form: StepForm, episode_id: int, verb: str) -> str:
    """After a conflict: why, above the episode as it is now. The form then has the version that its sender sees."""
    if form.conflict:
        page = triage.get_episode(
            db.session, episode_id=episode_id, actor=guards.current_actor(), now=guards.request_time()
        )
        form.version.data, form.version.raw_data = page.version, None
    return _page(episode_id, typed=(EpisodeStepKind(verb), form), problem=form.problems.get(""))


@blueprint.post("/staff/episodes/<int:episode_id>/<any(claim, contact, wait, note, 'hand-over', close, reopen):verb>")
@staff_view(Permission.TRIAGE_ACT)
@submits(_sent_form, again=_again)
@writes
def take_step(session: Session, form: StepForm, episode_id: int, verb: str) -> ResponseReturnValue:
    """One step. What was typed comes back when something is missing or somebody was first."""
    act = ACTS[EpisodeStepKind(verb)]
    values = {name: form[name].data for name in act.fields}
    act.service(session, actor=guards.current_actor(), episode_id=episode_id, now=guards.request_time(), **values)
    flash(str(act.done), "success")
    return redirect(
        url_for(".show_triage_list")
        if verb == EpisodeStepKind.CLOSE
        else url_for(".show_episode", episode_id=episode_id)
    )
