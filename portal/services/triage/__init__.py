"""Episodes: raised by reports, worked on by staff, read by both faces."""

from portal.services.triage.acting import (
    add_note,
    claim_episode,
    close_episode,
    hand_over_episode,
    record_contact,
    reopen_episode,
    set_waiting,
)
from portal.services.triage.alerting import alert_investigators, alert_reds, due_steps, escalate_episodes
from portal.services.triage.correcting import add_flags, correct_flags
from portal.services.triage.estimates import (
    OrganStage,
    ProvisionalEstimate,
    get_provisional_estimate,
    read_stored_estimate,
    with_liver,
)
from portal.services.triage.lists import (
    NO_OWNER,
    EpisodeFilter,
    OpenEpisodePage,
    OpenEpisodeRow,
    TakenBackRed,
    UnseenRed,
    list_open_episodes,
    list_open_page,
)
from portal.services.triage.liver import LiverRecord, is_liver_settled, read_liver
from portal.services.triage.moving import UnsentAnswers, WaitingAlert
from portal.services.triage.no_recent_diary import (
    NoRecentDiaryRow,
    count_without_recent_diary,
    list_without_recent_diary,
)
from portal.services.triage.raising import RaisedEpisode, raise_flags
from portal.services.triage.reading import (
    RESULT_COUNTS,
    EpisodePage,
    EpisodeStepView,
    EpisodeView,
    FlagView,
    get_episode,
    is_rash_assessed,
    list_latest_episodes,
)
from portal.services.triage.strips import STRIP_DAYS, DiarySpan, StripDay, build_strip, highest_by_day, list_strips
from portal.services.triage.taking_back import take_back_flags

__all__ = [
    "NO_OWNER",
    "RESULT_COUNTS",
    "STRIP_DAYS",
    "DiarySpan",
    "EpisodeFilter",
    "EpisodePage",
    "EpisodeStepView",
    "EpisodeView",
    "FlagView",
    "LiverRecord",
    "NoRecentDiaryRow",
    "OpenEpisodePage",
    "OpenEpisodeRow",
    "OrganStage",
    "ProvisionalEstimate",
    "RaisedEpisode",
    "StripDay",
    "TakenBackRed",
    "UnseenRed",
    "UnsentAnswers",
    "WaitingAlert",
    "add_flags",
    "add_note",
    "alert_investigators",
    "alert_reds",
    "build_strip",
    "claim_episode",
    "close_episode",
    "correct_flags",
    "count_without_recent_diary",
    "due_steps",
    "escalate_episodes",
    "get_episode",
    "get_provisional_estimate",
    "hand_over_episode",
    "highest_by_day",
    "is_liver_settled",
    "is_rash_assessed",
    "list_latest_episodes",
    "list_open_episodes",
    "list_open_page",
    "list_strips",
    "list_without_recent_diary",
    "raise_flags",
    "read_liver",
    "read_stored_estimate",
    "record_contact",
    "reopen_episode",
    "set_waiting",
    "take_back_flags",
    "with_liver",
]
