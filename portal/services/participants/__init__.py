"""Participants as staff see them: the list, one person's page with its timeline, and the identifiers on request."""

from portal.services.participants.identifiers import Contact, Identifiers, identifiers
from portal.services.participants.listing import ListPage, ListRow, listing
from portal.services.participants.page import AccountSeen, CardHolder, EpisodeBrief, ParticipantPage, card_holder, page
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
    "CardHolder",
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
    "card_holder",
    "identifiers",
    "listing",
    "page",
    "timeline",
]
