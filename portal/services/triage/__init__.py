"""Episodes: raised by reports, worked on by staff, read by both faces."""

from portal.services.triage.acting import claim, close, contact, hand_over, note, reopen, wait
from portal.services.triage.alerting import alert_reds, escalate, steps_due
from portal.services.triage.correcting import correct_flags
from portal.services.triage.estimates import OrganStage, Provisional, of_diary, provisional
from portal.services.triage.lists import NOBODY, Narrowed, OpenPage, OpenRow, UnseenRed, open_list, open_page
from portal.services.triage.no_recent_diary import SilentRow, silent_count, silent_list
from portal.services.triage.raising import Raised, raise_flags
from portal.services.triage.reading import (
    RESULT_COUNTS,
    EpisodePage,
    EpisodeSeen,
    FlagSeen,
    StepSeen,
    episode,
    latest_for_participant,
    liver_settled,
    rash_assessed,
)
from portal.services.triage.strips import STRIP_DAYS, Span, StripDay, highest, strip, strips

__all__ = [
    "NOBODY",
    "RESULT_COUNTS",
    "STRIP_DAYS",
    "EpisodePage",
    "EpisodeSeen",
    "FlagSeen",
    "Narrowed",
    "OpenPage",
    "OpenRow",
    "OrganStage",
    "Provisional",
    "Raised",
    "SilentRow",
    "Span",
    "StepSeen",
    "StripDay",
    "UnseenRed",
    "alert_reds",
    "claim",
    "close",
    "contact",
    "correct_flags",
    "episode",
    "escalate",
    "hand_over",
    "highest",
    "latest_for_participant",
    "liver_settled",
    "note",
    "of_diary",
    "open_list",
    "open_page",
    "provisional",
    "raise_flags",
    "rash_assessed",
    "reopen",
    "silent_count",
    "silent_list",
    "steps_due",
    "strip",
    "strips",
    "wait",
]
