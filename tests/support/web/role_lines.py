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
    "flag_id": 999_999,  # a red answer is looked for in the own draft of the account only
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
    "correcting.correct_topic": {"skin-change": "no", **WHY},
    "correcting.answer_question": {"answer": "Yes"},
    "staff_assessments.void_result": WHY,
    "staff_locks.lift_lock": WHY,
    "staff_diary.ask_diary_question": {"question": "Was it fresh?"},
    "staff_messages.resend_message": WHY,
    "staff_tasks.close_task": WHY,
    "staff_data_queries.raise_data_query": {"question": "Which day?"},
    "staff_data_queries.answer_data_query": {"answer": "The day before."},
    "staff_people.change_member": {"name": "Nurse", "role": "monitor", "sites": "RJ", "active": "y", **WHY},
    "staff_people.reset_access": WHY,
}
# Fields that name a record of the same person as the address does.
SENT_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "diary_sync.sync_diary": ("account",),
    "staff_messages.switch": ("account_id",),
    "staff_participants.issue_card": ("account_id",),
}
# Routes whose ``FIXED`` id names nobody's record: they answer everybody like one that does not exist.
NOBODYS: Final = frozenset({"red.ask_mistake", "red.take_back"})
JSON: Final = frozenset({"diary_sync.sync_diary"})
# Routes whose act wants a second grant, beyond the one that their guard asks for.
ALSO: Final[Mapping[str, Permission]] = {}
# A participant's routes that are not for everybody who signs in for them.
ONLY: Final[Mapping[str, frozenset[Role]]] = {
    "patient.leaving.show_withdrawal_form": participation.OWN,
    "patient.leaving.withdraw_consent": participation.OWN,
    "patient.own_data.show_own_data": participation.OWN,
    "patient.own_data.download_copy": participation.OWN,
}
# Names that were asked for: that they were looked at is in the trail.
REVEALS: Final = frozenset({"staff_screening.reveal_step"})
# What was typed is not lost when a session has ended: the answer is the sign-in page, which carries it along.
CARRIED: Final = frozenset(
    {"diary.save_diary_page", "diary_sync.sync_diary", "correcting.correct_topic", "correcting.answer_question"}
)
# Refused before any record is looked for, whoever it is about: the form holds a seal that only the portal makes.
UNREACHED: Final[Mapping[str, int]] = {
    "staff_participants.download_card": 409,
    "staff_account.end_session": 409,  # one's own sessions only, and those named here are another member's
}
# Addresses that name no record at all.
OF_NOBODY: Final = frozenset({"static_files.serve_file"})
