"""Participants as staff see them: the list, one person's page with its timeline, and the identifiers on request."""

from portal.services.participants.calls import CallView, NewCall, list_calls, record_call
from portal.services.participants.course import DiseaseCourse, MeasuredDay, get_disease_course
from portal.services.participants.entries import (
    AssessmentEntry,
    CallEntry,
    DiaryEntry,
    Entry,
    InfusionEntry,
    MessageEntry,
    MissedEntry,
    ParticipationEntry,
    ResultEntry,
    StepEntry,
    VisitEntry,
)
from portal.services.participants.identifiers import (
    ContactPerson,
    Identifiers,
    correct_identifiers,
    reveal_identifiers,
)
from portal.services.participants.listing import ParticipantListPage, ParticipantListRow, list_participants
from portal.services.participants.overview import ParticipantOverview, get_participant_overview
from portal.services.participants.page import (
    AccountView,
    CardHolder,
    EpisodeBrief,
    ParticipantPage,
    find_card_holder,
    get_participant_page,
)
from portal.services.participants.timeline import SOURCES, Timeline, get_timeline

__all__ = [
    "SOURCES",
    "AccountView",
    "AssessmentEntry",
    "CallEntry",
    "CallView",
    "CardHolder",
    "ContactPerson",
    "DiaryEntry",
    "DiseaseCourse",
    "Entry",
    "EpisodeBrief",
    "Identifiers",
    "InfusionEntry",
    "MeasuredDay",
    "MessageEntry",
    "MissedEntry",
    "NewCall",
    "ParticipantListPage",
    "ParticipantListRow",
    "ParticipantOverview",
    "ParticipantPage",
    "ParticipationEntry",
    "ResultEntry",
    "StepEntry",
    "Timeline",
    "VisitEntry",
    "correct_identifiers",
    "find_card_holder",
    "get_disease_course",
    "get_participant_overview",
    "get_participant_page",
    "get_timeline",
    "list_calls",
    "list_participants",
    "record_call",
    "reveal_identifiers",
]
