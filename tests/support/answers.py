"""Answers of a day, typed, for tests: a day without symptoms, and changes to it."""

from datetime import date, datetime
from typing import Any

from portal.domain.access import Actor, Role
from portal.models.people import Participant
from portal.services.diary import Submission
from tests.support.people import NOW, TODAY

WELL: dict[str, Any] = {
    "temperature-taken": False,
    "warning-signs": ("none",),
    "skin-change": False,
    "stomach-trouble": False,
    "bowel-trouble": False,
    "liver-signs": ("none",),
    "immunosuppressant": "all-taken",
}
BLOODY: dict[str, Any] = {
    "bowel-trouble": True,
    "loose-stool-count": 3,
    "stool-blood": "obvious",
    "abdominal-pain": 1,
}
STREAKS = {**BLOODY, "loose-stool-count": 1, "stool-blood": "streaks"}


def submission(
    *, client_id: str = "c-1", diary_on: date = TODAY, entered_at: datetime = NOW, **answers: Any
) -> Submission:
    """A report of ``WELL`` with changes; ``skin_change=True`` stands for ``skin-change``."""
    changes = {key.replace("_", "-"): value for key, value in answers.items()}
    return Submission(
        client_id=client_id,
        diary_on=diary_on,
        answers={**WELL, **changes},
        entered_at=entered_at,
        offset_minutes=480,
        language="zh-CN",
    )


def themselves(person: Participant) -> Actor:
    """The participant, acting for themselves."""
    return Actor(
        kind="account",
        role=Role.PARTICIPANT,
        id=person.accounts[0].id,
        participant_id=person.id,
        sites=frozenset({person.site}),
    )
