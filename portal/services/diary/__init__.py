"""The diary: drafts, sending, and reading back."""

from portal.services.diary.correcting import Correctable, correct, correctable, may_correct
from portal.services.diary.drafts import Draft, draft, new_client_id, save_page
from portal.services.diary.forms import Section, own_form, sections
from portal.services.diary.on_ward import WardDay, submit_on_ward, ward_day
from portal.services.diary.reading import (
    DayState,
    DiaryPage,
    DiaryRow,
    Outcome,
    Version,
    day_state,
    listing,
    outcome,
    read,
)
from portal.services.diary.receiving import Answer, DeviceFacts, Waiting, device_facts, receive
from portal.services.diary.submitting import Receipt, Submission, by_client_id, submit
from portal.services.diary.trends import Trends, trends

__all__ = [
    "Answer",
    "Correctable",
    "DayState",
    "DeviceFacts",
    "DiaryPage",
    "DiaryRow",
    "Draft",
    "Outcome",
    "Receipt",
    "Section",
    "Submission",
    "Trends",
    "Version",
    "Waiting",
    "WardDay",
    "by_client_id",
    "correct",
    "correctable",
    "day_state",
    "device_facts",
    "draft",
    "listing",
    "may_correct",
    "new_client_id",
    "outcome",
    "own_form",
    "read",
    "receive",
    "save_page",
    "sections",
    "submit",
    "submit_on_ward",
    "trends",
    "ward_day",
]
