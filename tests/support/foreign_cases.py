"""How to ask each service for something of a certain participant, screening or member of staff."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from zoneinfo import ZoneInfo

from portal import protocols
from portal.domain.access import Role
from portal.domain.assessing import Findings
from portal.domain.exports import Arms, Format, Order
from portal.domain.locking import LockKind
from portal.domain.participation import ParticipationStepKind
from portal.domain.screening import ScreeningStep
from portal.domain.signing import SignatureMeaning
from portal.domain.triage import EpisodeOutcome
from portal.services import accounts, exports, figures, infusions, locking, participants, rota, screening, team
from portal.services.audit import search
from tests.support.answers import submission
from tests.support.people import NOW, TODAY
from tests.support.screenings import ADULT

ASKED_AT: Final = NOW + timedelta(minutes=15)  # what has just been written is not exported yet
A_MOMENT: Final = timedelta(seconds=1)
SOON: Final = NOW + timedelta(days=3)
FINDINGS: Final = Findings(
    assessed_on=TODAY, skin=2, liver=0, upper_gi=0, lower_gi=0, certainty="confirmed", onset_on=TODAY
)
PASSWORD: Final = {"password": "not the password", "code": "000000"}
PICTURES: Final = Path("/nonexistent")


@dataclass(frozen=True, slots=True)
class Case:
    """``given``: what is asked for, from the ids of the one who is asked about. ``empty``: how a list looks without
    them; None: it has to refuse. ``problem``: the field of an ``Invalid`` that refuses in the words of its form."""

    given: Callable[[Any], Mapping[str, Any]]
    empty: Callable[[Any, Any], bool] | None = None
    problem: str | None = None


def _order(of: SimpleNamespace) -> Order:
    return Order(NOW + A_MOMENT, (of.site,), (Format.CSV,), Arms.SHOWN, why="test")


def _pack(of: SimpleNamespace) -> exports.Pack:
    return exports.Pack(of.study_number, _order(of), photographs=False)


def _given() -> infusions.Given:
    return infusions.Given(
        weight_kg=Decimal("62.0"), started_at=NOW - timedelta(hours=2), ended_at=NOW - timedelta(hours=1), lot="L-1"
    )


def _week(of: SimpleNamespace) -> dict[str, Any]:
    return {"site": of.site, "monday_on": date(2026, 11, 30), "duty": rota.Duty(of.staff_id, of.staff_id, of.staff_id)}


def _no_rows(page: Any, _of: SimpleNamespace) -> bool:
    return not page.rows


def _nothing(found: Any, _of: SimpleNamespace) -> bool:
    return not found


def _by(*names: str, **more: Any) -> Callable[[SimpleNamespace], dict[str, Any]]:
    """These ids under their own names, with the rest as it is."""
    return lambda of: {name: getattr(of, name) for name in names} | more


def _with_protocol(*names: str, **more: Any) -> Callable[[SimpleNamespace], dict[str, Any]]:
    return lambda of: {name: getattr(of, name) for name in names} | {"protocol": protocols.load()} | more


CASES: Final[dict[str, Case]] = {
    "accounts.cards.issue_card": Case(_by("account_id")),
    "accounts.cards.card_of": Case(_by("code")),
    "accounts.caregivers.invite": Case(
        _by("study_number", companion=accounts.Companion(Role.CAREGIVER, "Wu", None, "en"))
    ),
    "accounts.caregivers.revoke_access": Case(_by("study_number", "account_id")),
    "accounts.phone_numbers.change_phone": Case(
        _by("study_number", "account_id", phone="139 1234 5678", reason="a new one")
    ),
    "accounts.remembered_devices.forget_phone": Case(_by("phone_id")),
    "assessments.assessing.assessment": Case(_by("assessment_id")),
    "assessments.assessing.change": Case(_by("assessment_id", findings=FINDINGS, reason="seen again")),
    "assessments.assessing.create": Case(_by("study_number", findings=FINDINGS)),
    "assessments.assessing.listing": Case(_by("study_number"), empty=_nothing),
    "assessments.assessing.sign": Case(_by("assessment_id", meaning=SignatureMeaning.ASSESSED, **PASSWORD)),
    "assessments.laboratory.enter": Case(
        _by("study_number", measure="bilirubin:umol/L", value=Decimal(20), measured_at=NOW)
    ),
    "assessments.laboratory.results": Case(_by("study_number"), empty=_nothing),
    "assessments.laboratory.void": Case(_by("study_number", "result_id", reason="another patient")),
    "audit.search.act": Case(_by("event_id")),
    "audit.search.history": Case(_by("study_number", "row_id", entity="diary")),
    "audit.search.search": Case(
        lambda of: {"asked": search.Asked(study_number=of.study_number)}, empty=_nothing
    ),
    "audit.search.team": Case(_by(), empty=lambda names, of: of.staff_id not in names),
    "data_queries.answer": Case(_by("remark_id", text="At ten.")),
    "data_queries.ask": Case(_by("study_number", question="Which hour?")),
    "data_queries.close": Case(_by("remark_id")),
    "data_queries.listing": Case(_by(), empty=_nothing),
    "data_queries.one": Case(_by("remark_id")),
    "diary.correcting.correct": Case(_by("diary_id", answers=submission().answers, reason="a slip")),
    "diary.correcting.correctable": Case(_by("diary_id")),
    "diary.correcting.may_correct": Case(_by("diary_id")),
    "diary.on_ward.submit_on_ward": Case(_by("study_number", submission=submission())),
    "diary.on_ward.ward_day": Case(_by("study_number", on=TODAY)),
    "diary.reading.outcome": Case(_by("diary_id")),
    "diary.reading.read": Case(_by("diary_id", language="en")),
    "diary.submitting.by_client_id": Case(
        _by("client_id"), empty=lambda found, of: found is None or found.id != of.diary_id
    ),
    "diary_questions.answer": Case(_by("query_id", text="Yes.")),
    "diary_questions.ask": Case(_by("study_number", "diary_id", question="Since when?")),
    "diary_questions.close": Case(_by("study_number", "query_id")),
    "diary_questions.of_report": Case(_by("diary_id")),
    "exports.making.announce": Case(lambda of: {"order": _order(of)}),
    "exports.making.confirm": Case(lambda of: {"order": _order(of)} | PASSWORD),
    "exports.making.make": Case(lambda of: {"order": _order(of), "folder": of.folder()}),
    "exports.packing.ask_pack": Case(
        _by("study_number", why="test", photographs=False, identified=False, **PASSWORD)
    ),
    "exports.packing.sheets": Case(lambda of: {"pack": _pack(of), "language": "en"}),
    "exports.packing.write_pack": Case(
        lambda of: {"pack": _pack(of), "pages": (), "pictures": PICTURES, "folder": of.folder()}
    ),
    "figures.drilldown.rows": Case(
        lambda _of: {"kind": "enrolled", "asked": figures.Asked(now=NOW, month_on=date(2026, 11, 1))}, empty=_no_rows
    ),
    "figures.metrics.figures": Case(_by(), empty=lambda found, _of: found.completion.of == 0),
    "infusions.acts.cancel": Case(_by("infusion_id", reason="test")),
    "infusions.acts.confirm": Case(_by("infusion_id")),
    "infusions.acts.hold": Case(_by("infusion_id", reason="test")),
    "infusions.acts.miss": Case(_by("infusion_id", reason="test")),
    "infusions.acts.move": Case(_with_protocol("infusion_id", to=SOON, reason="test")),
    "infusions.acts.take_back": Case(_by("infusion_id", reason="test")),
    "infusions.giving.mark_given": Case(_with_protocol("infusion_id", given=_given())),
    "infusions.giving.reckon": Case(_with_protocol("infusion_id", given=_given())),
    "infusions.lists.deviations": Case(_with_protocol(), empty=_no_rows),
    "infusions.lists.due": Case(_with_protocol(), empty=_no_rows),
    "infusions.moving.preview_move": Case(_with_protocol("infusion_id", to=SOON)),
    "infusions.plans.draft": Case(_with_protocol("study_number", weekdays=(1, 4))),
    "infusions.plans.plan": Case(_with_protocol("participant_id")),
    "infusions.staff_queries.course_around": Case(_by("infusion_id")),
    "infusions.staff_queries.course_of": Case(_by("study_number")),
    "infusions.staff_queries.visit": Case(_by("visit_id")),
    "infusions.visits.attend": Case(_by("visit_id", on=TODAY, reason="test")),
    "infusions.visits.miss_visit": Case(_by("visit_id", reason="test")),
    "infusions.visits.move_visit": Case(_by("visit_id", to=SOON, reason="test")),
    "infusions.visits.take_back_visit": Case(_by("visit_id", reason="test")),
    "locking.close": Case(
        lambda of: {"closing": locking.Closing(LockKind.FREEZE, None, of.study_number, date(2026, 9, 1), "test")},
        problem="study_number",
    ),
    "locking.lift": Case(_by("lock_id", reason="test", **PASSWORD)),
    "locking.listing": Case(_by(), empty=_nothing),
    "locking.one": Case(_by("lock_id")),
    "messages.figures.by_day": Case(_by(zone=ZoneInfo("Asia/Shanghai")), empty=_nothing),
    "messages.figures.uncertain": Case(_by(), empty=_nothing),
    "messages.figures.unreachable": Case(_by(), empty=_nothing),
    "messages.inbox.mark_read": Case(_by("inbound_id")),
    "messages.inbox.unread": Case(_by(), empty=_nothing),
    "messages.inbox.unread_count": Case(_by(), empty=_nothing),
    "messages.opt_out.switch_by_staff": Case(_by("account_id", on=False, reason="test")),
    "messages.reading.choices": Case(_by("study_number"), empty=_nothing),
    "messages.reading.for_participant": Case(_by("study_number"), empty=_nothing),
    "messages.reading.one": Case(_by("message_id")),
    "messages.reading.recent": Case(_by(), empty=_no_rows),
    "messages.resending.resend": Case(_by("message_id", reason="test")),
    "participants.calls.calls": Case(_by("study_number"), empty=_nothing),
    "participants.calls.record_call": Case(
        _by("study_number", call=participants.NewCall("participant", "reached", "", NOW))
    ),
    "participants.identifiers.correct": Case(_by("study_number", name="Wu Lei", born_on=None, reason="test")),
    "participants.identifiers.identifiers": Case(_by("study_number")),
    "participants.listing.listing": Case(_by(), empty=_no_rows),
    "participants.overview.whole": Case(_by("study_number")),
    "participants.page.card_holder": Case(_by("study_number", "account_id")),
    "participants.page.page": Case(_by("study_number")),
    "participation.standing": Case(_by("study_number")),
    "participation.stay": Case(_by("study_number", diary="ward", until_on=TODAY + timedelta(days=5), reason="test")),
    "participation.step": Case(_by("study_number", step=ParticipationStepKind.PAUSE, reason="test")),
    "photos.of_day": Case(_by("study_number", diary_on=TODAY), empty=_nothing),
    "photos.view": Case(lambda of: {"study_number": of.study_number, "photo_id": of.photo_id, "folder": of.files}),
    "replay.running.replay": Case(
        lambda _of: {"proposed": protocols.load()}, empty=lambda found, _of: found.tally.participants == 0
    ),
    "rota.people": Case(_by("site")),
    "rota.problems": Case(_week),
    "rota.set_week": Case(_week),
    "rota.uncovered": Case(_by(), empty=lambda sites, of: of.site not in sites),
    "rota.weeks": Case(_by("site")),
    "screening.acting.begin": Case(_by("site", typed=ADULT[ScreeningStep.PERSON])),
    "screening.acting.fail": Case(_by("number", reason="test", version=1)),
    "screening.acting.reopen": Case(_by("number", reason="test")),
    "screening.acting.reveal": Case(_by("number", step=ScreeningStep.PERSON)),
    "screening.acting.save": Case(
        _by("number", step=ScreeningStep.DISEASE, typed=ADULT[ScreeningStep.DISEASE], version=1)
    ),
    "screening.allocating.allocate": Case(_by("number", version=1)),
    "screening.allocating.record_elsewhere": Case(
        _by("number", version=1, made=screening.Elsewhere("imsc", "REF-1", "test"))
    ),
    "screening.reading.listing": Case(_by(), empty=_no_rows),
    "screening.reading.seen": Case(_by("number")),
    "study.enrolled": Case(_by(), empty=_nothing),
    "tasks.close": Case(_by("task_id", reason="test")),
    "tasks.open_list": Case(_by(), empty=lambda rows, of: of.study_number not in {row.study_number for row in rows}),
    "tasks.take": Case(_by("task_id")),
    "tasks.task": Case(_by("task_id")),
    "team.invitations.invite_staff": Case(
        lambda of: {
            "email": "wu.lei@example.org", "name": "Wu Lei", "role": Role.MONITOR, "sites": frozenset({of.site}),
            "language": "en", "link": lambda key: key,
        },
        problem="sites",
    ),
    "team.invitations.open_invitations": Case(
        _by(), empty=lambda rows, of: of.invitation_id not in {row.id for row in rows}
    ),
    "team.invitations.renew_staff": Case(_by("staff_id", reason="lost", link=lambda key: key)),
    "team.invitations.revoke_invitation": Case(_by("invitation_id")),
    "team.members.change_member": Case(
        lambda of: {
            "staff_id": of.staff_id, "reason": "test",
            "wanted": team.Wanted(Role.MONITOR, frozenset({of.site}), active=True, name="Wu", phone=""),
        }
    ),
    "team.members.member": Case(_by("staff_id")),
    "team.members.team": Case(_by(), empty=lambda page, of: of.staff_id not in {row.id for row in page.members}),
    "team.sessions.end_session": Case(_by("staff_id", "session_id")),
    "team.sessions.end_sessions": Case(_by("staff_id")),
    "team.sessions.sessions_of": Case(_by("staff_id")),
    "triage.acting.claim": Case(_by("episode_id", version=1)),
    "triage.acting.close": Case(_by("episode_id", version=1, outcome=EpisodeOutcome.FALSE_ALARM, note="test")),
    "triage.acting.contact": Case(_by("episode_id", version=1, note="test")),
    "triage.acting.hand_over": Case(
        lambda of: {"episode_id": of.episode_id, "version": 1, "to_staff_id": of.staff_id, "note": "test"}
    ),
    "triage.acting.note": Case(_by("episode_id", note="test")),
    "triage.acting.reopen": Case(_by("episode_id", version=1, note="test")),
    "triage.acting.wait": Case(_by("episode_id", version=1, waiting_for="visit", note="test")),
    "triage.lists.open_page": Case(_by(limit=10), empty=lambda page, _of: not page.rows and not page.total),
    "triage.no_recent_diary.silent_count": Case(_by(), empty=_nothing),
    "triage.no_recent_diary.silent_list": Case(_by(), empty=_nothing),
    "triage.reading.episode": Case(_by("episode_id")),
}  # fmt: skip
