"""Participants as staff see them: the list, one person's page with its timeline, and the identifiers on request."""

from portal.services.participants.identifiers import Contact, Identifiers, identifiers
from portal.services.participants.listing import ListPage, ListRow, listing
from portal.services.participants.page import AccountSeen, EpisodeBrief, ParticipantPage, check_account, page
from portal.services.participants.timeline import (
    DiaryEntry,
    Entry,
    InfusionEntry,
    StepEntry,
    TextEntry,
    Timeline,
    VisitEntry,
    timeline,
)

__all__ = [
    "AccountSeen",
    "Contact",
    "DiaryEntry",
    "Entry",
    "EpisodeBrief",
    "Identifiers",
    "InfusionEntry",
    "ListPage",
    "ListRow",
    "ParticipantPage",
    "StepEntry",
    "TextEntry",
    "Timeline",
    "VisitEntry",
    "check_account",
    "identifiers",
    "listing",
    "page",
    "timeline",
]
