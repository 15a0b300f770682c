"""The diary: drafts, sending, and reading back."""

from portal.services.diary.drafts import Draft, draft, new_client_id, save_page
from portal.services.diary.forms import Section, form_for, sections
from portal.services.diary.reading import DayState, DiaryPage, DiaryRow, Outcome, day_state, listing, outcome, read
from portal.services.diary.submitting import Receipt, Submission, by_client_id, submit

__all__ = [
    "DayState",
    "DiaryPage",
    "DiaryRow",
    "Draft",
    "Outcome",
    "Receipt",
    "Section",
    "Submission",
    "by_client_id",
    "day_state",
    "draft",
    "form_for",
    "listing",
    "new_client_id",
    "outcome",
    "read",
    "save_page",
    "sections",
    "submit",
]
