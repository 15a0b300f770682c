"""What the parameters of a route name, for the test that drives every route with every role.

A parameter that ``role_world`` knows a record of needs nothing here. One that names nobody's record stands in
``FIXED``; what a form needs so that a record is looked for at all stands in ``SENT``, by endpoint.
"""

from collections.abc import Mapping
from typing import Any, Final

from portal.domain import participation
from portal.domain.access import Permission, Role

FIXED: Final[Mapping[str, Any]] = {
    "day": "2026-11-23",
    "digest": "0" * 8,
    "kind": "missed",
    "language": "en",
    "monday": "2026-11-23",
    "name": "skin",
    "step": "person",
    "table": "diary",
    "token": "no-such-token",
    "verb": "note",
    "way": "on",
}
FROM_THE_START: Final = ("hold", "given")  # of what a route lists itself: what can be done of a record as it is made
WHY: Final = {"reason": "Because"}
SENT: Final[Mapping[str, Mapping[str, Any]]] = {
    "correcting.correct": {"skin-change": "no", **WHY},
    "correcting.answer": {"answer": "Yes"},
    "staff_assessments.void": WHY,
    "staff_locks.lift": WHY,
    "staff_diary.ask": {"question": "Was it fresh?"},
    "staff_messages.resend": WHY,
    "staff_tasks.close": WHY,
    "staff_remarks.ask": {"question": "Which day?"},
    "staff_remarks.answer": {"answer": "The day before."},
    "staff_people.change": {"name": "Nurse", "role": "monitor", "sites": "RJ", "active": "y", **WHY},
    "staff_people.reset": WHY,
}
# Fields that name a record of the same person as the address does.
SENT_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "diary_sync.sync": ("account",),
    "staff_messages.switch": ("account_id",),
    "staff_participants.card": ("account_id",),
}
JSON: Final = frozenset({"diary_sync.sync"})
# Routes whose act wants a second grant, beyond the one that their guard asks for.
ALSO: Final[Mapping[str, Permission]] = {}
# A participant's routes that are not for everybody who signs in for them.
ONLY: Final[Mapping[str, frozenset[Role]]] = {
    "patient.leaving.form": participation.OWN,
    "patient.leaving.leave": participation.OWN,
    "patient.own_data.page": participation.OWN,
    "patient.own_data.copy": participation.OWN,
}
# Names that were asked for: that they were looked at is in the trail.
REVEALS: Final = frozenset({"staff_screening.reveal"})
# What was typed is not lost when a session has ended: the answer is the sign-in page, which carries it along.
CARRIED: Final = frozenset({"diary.save", "diary_sync.sync", "correcting.correct", "correcting.answer"})
# Refused before any record is looked for, whoever it is about: the form holds a seal that only the portal makes.
UNREACHED: Final[Mapping[str, int]] = {
    "staff_participants.card_pdf": 409,
    "staff_account.end_session": 409,  # one's own sessions only, and those named here are another member's
}
# Addresses that name no record at all.
OF_NOBODY: Final = frozenset({"static_files.serve"})
