"""The diary: drafts, sending, and reading back."""

from portal.services.diary.after_infusion import record_given_infusion
from portal.services.diary.asking import form_of_draft, own_form
from portal.services.diary.calls import CallNow, get_call_now
from portal.services.diary.contradicted import list_contradicted_reds, record_own_call
from portal.services.diary.correcting import CorrectableReport, correct_report, get_correctable_report, may_correct
from portal.services.diary.drafts import DraftView, belongs_to, new_client_id
from portal.services.diary.forms import AnswerSection, answer_sections
from portal.services.diary.keeping import TypedReport, keep_report
from portal.services.diary.on_ward import WardDay, get_ward_day, submit_ward_diary
from portal.services.diary.reading import (
    DiaryPage,
    DiaryRow,
    ReportVersion,
    SubmissionOutcome,
    TodayStatus,
    get_submission_outcome,
    get_today_status,
    list_diaries,
    read_diary,
)
from portal.services.diary.receiving import DeviceFacts, QueuedDiary, SyncResult, get_device_facts, receive_queued_diary
from portal.services.diary.saving import SentDiary, find_sent_diary, get_draft, save_draft_page
from portal.services.diary.submitting import Submission, SubmissionReceipt, submit_diary
from portal.services.diary.trends import Trends, get_trends
from portal.services.diary.unsent import UnsentRed, list_unsent_reds, take_back_red
from portal.services.diary.window_end import store_overdue_drafts

__all__ = [
    "AnswerSection",
    "CallNow",
    "CorrectableReport",
    "DeviceFacts",
    "DiaryPage",
    "DiaryRow",
    "DraftView",
    "QueuedDiary",
    "ReportVersion",
    "SentDiary",
    "Submission",
    "SubmissionOutcome",
    "SubmissionReceipt",
    "SyncResult",
    "TodayStatus",
    "Trends",
    "TypedReport",
    "UnsentRed",
    "WardDay",
    "answer_sections",
    "belongs_to",
    "correct_report",
    "find_sent_diary",
    "form_of_draft",
    "get_call_now",
    "get_correctable_report",
    "get_device_facts",
    "get_draft",
    "get_submission_outcome",
    "get_today_status",
    "get_trends",
    "get_ward_day",
    "keep_report",
    "list_contradicted_reds",
    "list_diaries",
    "list_unsent_reds",
    "may_correct",
    "new_client_id",
    "own_form",
    "read_diary",
    "receive_queued_diary",
    "record_given_infusion",
    "record_own_call",
    "save_draft_page",
    "store_overdue_drafts",
    "submit_diary",
    "submit_ward_diary",
    "take_back_red",
]
