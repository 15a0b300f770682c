"""States of a question: a diary question to a participant, or a data query to a site."""

from enum import StrEnum


class QuestionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
