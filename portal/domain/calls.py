"""Calls by phone: whom somebody rings, and how it ends."""

from enum import StrEnum


class CallRecipient(StrEnum):
    PARTICIPANT = "participant"
    GUARDIAN = "guardian"
    CAREGIVER = "caregiver"
    OTHER = "other"


class CallOutcome(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no-answer"
    CALL_BACK = "call-back"
    WRONG_NUMBER = "wrong-number"
