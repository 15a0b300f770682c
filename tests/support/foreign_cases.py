"""How to ask each service for something of a certain participant, screening or member of staff."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from zoneinfo import ZoneInfo

from portal import protocols, questionnaires
from portal.domain.access import Role
from portal.domain.assessing import AssessmentFindings
from portal.domain.exports import ArmDisplay, ExportFormat, ExportOrder
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
FINDINGS: Final = AssessmentFindings(
    assessed_on=TODAY, skin=2, liver=0, upper_gi=0, lower_gi=0, certainty="confirmed", onset_on=TODAY
)
PASSWORD: Final = {"password": "not the password", "code": "000000"}
FIRST_PAGE: Final = questionnaires.load_diary(post_infusion=False, weight=False).pages[0]
PICTURES: Final = Path("/nonexistent")


@dataclass(frozen=True, slots=True)
class Case:
    """``given``: what is asked for, from the ids of the one who is asked about. ``empty``: how a list looks without
    them; None: it has to refuse. ``problem``: the field of an ``Invalid`` that refuses in the words of its form."""

    given: Callable[[Any], Mapping[str, Any]]
    empty: Callable[[Any, Any], bool] | None = None
    problem: str | None = None


def _order(of: SimpleNamespace) -> ExportOrder:
    return ExportOrder(NOW + A_MOMENT, (of.site,), (ExportFormat.CSV,), ArmDisplay.SHOWN, why="test")


def _pack(of: SimpleNamespace) -> exports.InspectionPack:
    return exports.InspectionPack(of.study_number, _order(of), photographs=False)


def _given() -> infusions.GivenInfusion:
    return infusions.GivenInfusion(
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
    return lambda of: {name: getattr(of, name) for name in names} | {"protocol": protocols.load_protocol()} | more


CASES: Final[dict[str, Case]] = {
    "accounts.cards.issue_card": Case(_by("account_id")),
    "accounts.cards.find_card_account": Case(_by("code")),
    "accounts.caregivers.add_companion_account": Case(
        _by("study_number", companion=accounts.Companion(Role.CAREGIVER, "Wu", None, "en"))
    ),
    "accounts.caregivers.revoke_access": Case(_by("study_number", "account_id")),
    "accounts.phone_numbers.change_phone": Case(
        _by("study_number", "account_id", phone="139 1234 5678", reason="a new one")
    ),
    "accounts.remembered_devices.forget_phone": Case(_by("phone_id")),
    "assessments.assessing.get_assessment": Case(_by("assessment_id")),
    "assessments.assessing.change_assessment": Case(_by("assessment_id", findings=FINDINGS, reason="seen again")),
    "assessments.assessing.create_assessment": Case(_by("study_number", findings=FINDINGS)),
    "assessments.assessing.list_assessments": Case(_by("study_number"), empty=_nothing),
    "assessments.assessing.sign_assessment": Case(_by("assessment_id", meaning=SignatureMeaning.ASSESSED, **PASSWORD)),
    "assessments.laboratory.enter_result": Case(
        _by("study_number", measure="bilirubin:umol/L", value=Decimal(20), measured_at=NOW)
    ),
    "assessments.laboratory.list_results": Case(_by("study_number"), empty=_nothing),
    "assessments.laboratory.void_result": Case(_by("study_number", "result_id", reason="another patient")),
    "audit.search.get_event": Case(_by("event_id")),
    "audit.search.list_record_history": Case(_by("study_number", "row_id", entity="diary")),
    "audit.search.search_events": Case(
        lambda of: {"asked": search.AuditFilter(study_number=of.study_number)}, empty=_nothing
    ),
    "audit.search.list_staff_names": Case(_by(), empty=lambda names, of: of.staff_id not in names),
    "data_queries.answer_data_query": Case(_by("data_query_id", text="At ten.")),
    "data_queries.raise_data_query": Case(_by("study_number", question="Which hour?")),
    "data_queries.close_data_query": Case(_by("data_query_id")),
    "data_queries.list_data_queries": Case(_by(), empty=_nothing),
    "data_queries.get_data_query": Case(_by("data_query_id")),
    "diary.after_infusion.record_given_infusion": Case(_with_protocol("infusion_id", given=_given())),
    "diary.correcting.correct_report": Case(_by("diary_id", answers=submission().answers, reason="a slip")),
    "diary.correcting.get_correctable_report": Case(_by("diary_id")),
    "diary.correcting.may_correct": Case(_by("diary_id")),
    "diary.on_ward.submit_ward_diary": Case(_by("study_number", submission=submission())),
    "diary.on_ward.get_ward_day": Case(_by("study_number", on=TODAY)),
    "diary.reading.get_submission_outcome": Case(_by("diary_id")),
    "diary.reading.read_diary": Case(_by("diary_id", language="en")),
    "diary.saving.find_sent_diary": Case(
        _by("client_id", topic=FIRST_PAGE, raw={}),
        empty=lambda found, of: found is None or found.diary_id != of.diary_id,
    ),
    "diary_questions.answer_diary_question": Case(_by("question_id", text="Yes.")),
    "diary_questions.ask_diary_question": Case(_by("study_number", "diary_id", question="Since when?")),
    "diary_questions.close_diary_question": Case(_by("study_number", "question_id")),
    "diary_questions.list_report_questions": Case(_by("diary_id")),
    "exports.making.announce_export": Case(lambda of: {"order": _order(of)}),
    "exports.making.confirm_export": Case(lambda of: {"order": _order(of)} | PASSWORD),
    "exports.making.write_export": Case(lambda of: {"order": _order(of), "folder": of.folder()}),
    "exports.packing.request_pack": Case(
        _by("study_number", why="test", photographs=False, identified=False, **PASSWORD), problem="study_number"
    ),
    "exports.packing.build_sheets": Case(lambda of: {"pack": _pack(of), "language": "en"}),
    "exports.packing.write_pack": Case(
        lambda of: {"pack": _pack(of), "pages": (), "pictures": PICTURES, "folder": of.folder()}
    ),
    "figures.drilldown.list_drilldown_rows": Case(
        lambda _of: {"kind": "enrolled", "asked": figures.DrilldownFilter(now=NOW, month_on=date(2026, 11, 1))},
        empty=_no_rows,
    ),
    "figures.metrics.compute_metrics": Case(_by(), empty=lambda found, _of: found.completion.of == 0),
    "infusions.acts.cancel_infusion": Case(_by("infusion_id", reason="test")),
    "infusions.acts.confirm_infusion": Case(_by("infusion_id")),
    "infusions.acts.hold_infusion": Case(_by("infusion_id", reason="test")),
    "infusions.acts.miss_infusion": Case(_by("infusion_id", reason="test")),
    "infusions.acts.move_infusion": Case(_with_protocol("infusion_id", to=SOON, reason="test")),
    "infusions.acts.take_back_infusion": Case(_by("infusion_id", reason="test")),
    "infusions.giving.preview_recording": Case(_with_protocol("infusion_id", given=_given())),
    "infusions.lists.list_deviations": Case(_with_protocol(), empty=_no_rows),
    "infusions.lists.list_due": Case(_with_protocol(), empty=_no_rows),
    "infusions.moving.preview_move": Case(_with_protocol("infusion_id", to=SOON)),
    "infusions.plans.draft_plan": Case(_with_protocol("study_number", weekdays=(1, 4))),
    "infusions.plans.plan_infusions": Case(_with_protocol("participant_id")),
    "infusions.staff_queries.get_plan_of_infusion": Case(_by("infusion_id")),
    "infusions.staff_queries.get_infusion_plan": Case(_by("study_number")),
    "infusions.staff_queries.get_visit": Case(_by("visit_id")),
    "infusions.visits.attend_visit": Case(_by("visit_id", on=TODAY, reason="test")),
    "infusions.visits.miss_visit": Case(_by("visit_id", reason="test")),
    "infusions.visits.move_visit": Case(_by("visit_id", to=SOON, reason="test")),
    "infusions.visits.take_back_visit": Case(_by("visit_id", reason="test")),
    "locking.close_data": Case(
        lambda of: {"closing": locking.LockRequest(LockKind.FREEZE, None, of.study_number, date(2026, 9, 1), "test")},
        problem="study_number",
    ),
    "locking.lift_lock": Case(_by("lock_id", reason="test", **PASSWORD)),
    "locking.list_locks": Case(_by(), empty=_nothing),
    "locking.get_lock": Case(_by("lock_id")),
    "messages.figures.list_daily_figures": Case(_by(zone=ZoneInfo("Asia/Shanghai")), empty=_nothing),
    "messages.figures.list_uncertain": Case(_by(), empty=_nothing),
    "messages.figures.list_unreachable": Case(_by(), empty=_nothing),
    "messages.inbox.mark_read": Case(_by("inbound_id")),
    "messages.inbox.list_unread": Case(_by(), empty=_nothing),
    "messages.inbox.count_unread": Case(_by(), empty=_nothing),
    "messages.opt_out.switch_reminders_by_staff": Case(_by("account_id", on=False, reason="test")),
    "messages.reading.list_reminder_choices": Case(_by("study_number"), empty=_nothing),
    "messages.reading.list_participant_messages": Case(_by("study_number"), empty=_nothing),
    "messages.reading.get_message": Case(_by("message_id")),
    "messages.reading.list_recent_messages": Case(_by(), empty=_no_rows),
    "messages.resending.resend_message": Case(_by("message_id", reason="test")),
    "participants.calls.list_calls": Case(_by("study_number"), empty=_nothing),
    "participants.calls.record_call": Case(
        _by("study_number", call=participants.NewCall("participant", "reached", "", NOW))
    ),
    "participants.identifiers.correct_identifiers": Case(
        _by("study_number", name="Wu Lei", born_on=None, reason="test")
    ),
    "participants.identifiers.reveal_identifiers": Case(_by("study_number")),
    "participants.listing.list_participants": Case(_by(), empty=_no_rows),
    "participants.overview.get_participant_overview": Case(_by("study_number")),
    "participants.page.find_card_holder": Case(_by("study_number", "account_id")),
    "participants.page.get_participant_page": Case(_by("study_number")),
    "participation.get_participation_overview": Case(_by("study_number")),
    "participation.record_stay": Case(
        _by("study_number", diary="ward", until_on=TODAY + timedelta(days=5), reason="test")
    ),
    "participation.take_participation_step": Case(_by("study_number", step=ParticipationStepKind.PAUSE, reason="test")),
    "photos.list_day_photos": Case(_by("study_number", diary_on=TODAY), empty=_nothing),
    "photos.view_photo": Case(
        lambda of: {"study_number": of.study_number, "photo_id": of.photo_id, "folder": of.files}
    ),
    "replay.running.replay_rules": Case(
        lambda _of: {"proposed": protocols.load_protocol()}, empty=lambda found, _of: found.tally.participants == 0
    ),
    "rota.list_rota_members": Case(_by("site")),
    "rota.set_week": Case(_week),
    "rota.list_uncovered_sites": Case(_by(), empty=lambda sites, of: of.site not in sites),
    "rota.list_weeks": Case(_by("site")),
    "screening.acting.begin_screening": Case(_by("site", typed=ADULT[ScreeningStep.PERSON])),
    "screening.acting.fail_screening": Case(_by("number", reason="test", version=1)),
    "screening.acting.reopen_screening": Case(_by("number", reason="test")),
    "screening.acting.reveal_step": Case(_by("number", step=ScreeningStep.PERSON)),
    "screening.acting.save_step": Case(
        _by("number", step=ScreeningStep.DISEASE, typed=ADULT[ScreeningStep.DISEASE], version=1)
    ),
    "screening.allocating.allocate_participant": Case(_by("number", version=1)),
    "screening.allocating.record_external_allocation": Case(
        _by("number", version=1, made=screening.ExternalAllocation("imsc", "REF-1", "test"))
    ),
    "screening.reading.list_screenings": Case(_by(), empty=_no_rows),
    "screening.reading.get_screening": Case(_by("number")),
    "study.count_enrolled": Case(_by(), empty=_nothing),
    "tasks.close_task": Case(_by("task_id", reason="test")),
    "tasks.list_open_tasks": Case(
        _by(), empty=lambda rows, of: of.study_number not in {row.study_number for row in rows}
    ),
    "tasks.take_task": Case(_by("task_id")),
    "tasks.get_task": Case(_by("task_id")),
    "team.invitations.invite_staff": Case(
        lambda of: {
            "email": "wu.lei@example.org", "name": "Wu Lei", "role": Role.MONITOR, "sites": frozenset({of.site}),
            "language": "en", "link": lambda key: key,
        },
        problem="sites",
    ),
    "team.invitations.list_open_invitations": Case(
        _by(), empty=lambda rows, of: of.invitation_id not in {row.id for row in rows}
    ),
    "team.invitations.invite_staff_again": Case(_by("staff_id", reason="lost", link=lambda key: key)),
    "team.invitations.revoke_invitation": Case(_by("invitation_id")),
    "team.members.change_member": Case(
        lambda of: {
            "staff_id": of.staff_id, "reason": "test",
            "wanted": team.MemberChange(Role.MONITOR, frozenset({of.site}), active=True, name="Wu", phone=""),
        }
    ),
    "team.members.get_member": Case(_by("staff_id")),
    "team.members.list_team": Case(_by(), empty=lambda page, of: of.staff_id not in {row.id for row in page.members}),
    "team.sessions.end_session": Case(_by("staff_id", "session_id")),
    "team.sessions.end_sessions": Case(_by("staff_id")),
    "team.sessions.list_sessions": Case(_by("staff_id")),
    "triage.acting.claim_episode": Case(_by("episode_id", version=1)),
    "triage.acting.close_episode": Case(_by("episode_id", version=1, outcome=EpisodeOutcome.FALSE_ALARM, note="test")),
    "triage.acting.record_contact": Case(_by("episode_id", version=1, note="test")),
    "triage.acting.hand_over_episode": Case(
        lambda of: {"episode_id": of.episode_id, "version": 1, "to_staff_id": of.staff_id, "note": "test"}
    ),
    "triage.acting.add_note": Case(_by("episode_id", note="test")),
    "triage.acting.reopen_episode": Case(_by("episode_id", version=1, note="test")),
    "triage.acting.set_waiting": Case(_by("episode_id", version=1, waiting_for="visit", note="test")),
    "triage.lists.list_open_page": Case(_by(limit=10), empty=lambda page, _of: not page.rows and not page.total),
    "triage.no_recent_diary.count_without_recent_diary": Case(_by(), empty=_nothing),
    "triage.no_recent_diary.list_without_recent_diary": Case(_by(), empty=_nothing),
    "triage.reading.get_episode": Case(_by("episode_id")),
}  # fmt: skip
