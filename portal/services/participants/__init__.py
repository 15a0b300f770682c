"""Participants as staff see them: the list, one person's page with its timeline, and the identifiers on request."""

from portal.services.participants.calls import CallSeen, NewCall, calls, record_call
from portal.services.participants.course import Course, Measured, course
from portal.services.participants.entries import (
    AssessmentEntry,
    CallEntry,
    DiaryEntry,
    Entry,
    InfusionEntry,
    MissedEntry,
    ResultEntry,
    StandingEntry,
    StepEntry,
    TextEntry,
    VisitEntry,
)
from portal.services.participants.identifiers import Contact, Identifiers, correct, identifiers
from portal.services.participants.listing import ListPage, ListRow, listing
from portal.services.participants.overview import Whole, whole
from portal.services.participants.page import AccountSeen, CardHolder, EpisodeBrief, ParticipantPage, card_holder, page
from portal.services.participants.timeline import SOURCES, Timeline, timeline

__all__ = [
    "SOURCES",
    "AccountSeen",
    "AssessmentEntry",
    "CallEntry",
    "CallSeen",
    "CardHolder",
    "Contact",
    "Course",
    "DiaryEntry",
    "Entry",
    "EpisodeBrief",
    "Identifiers",
    "InfusionEntry",
    "ListPage",
    "ListRow",
    "Measured",
    "MissedEntry",
    "NewCall",
    "ParticipantPage",
    "ResultEntry",
    "StandingEntry",
    "StepEntry",
    "TextEntry",
    "Timeline",
    "VisitEntry",
    "Whole",
    "calls",
    "card_holder",
    "correct",
    "course",
    "identifiers",
    "listing",
    "page",
    "record_call",
    "timeline",
    "whole",
]
