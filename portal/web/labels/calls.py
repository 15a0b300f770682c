"""Phone calls in words."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _l

Words = Mapping[str, Any]


WHOM: Final[Words] = {
    "participant": _l("the participant"),
    "guardian": _l("the guardian"),
    "caregiver": _l("the caregiver"),
    "other": _l("somebody else"),
}


OUTCOMES: Final[Words] = {
    "reached": _l("spoken with"),
    "no-answer": _l("no answer"),
    "call-back": _l("will be rung again"),
    "wrong-number": _l("wrong number"),
}
