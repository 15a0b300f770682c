"""Rows. Importing this package registers every table on ``Base.metadata``."""

from portal.models import (
    audit,
    audit_chain,
    calendar,
    clinical,
    device,
    diary,
    enrolment,
    locking,
    messages,
    participation,
    people,
    remarks,
    staff_access,
    triage,
)
from portal.models.base import Base, inject_cipher

__all__ = [
    "Base",
    "audit",
    "audit_chain",
    "calendar",
    "clinical",
    "device",
    "diary",
    "enrolment",
    "inject_cipher",
    "locking",
    "messages",
    "participation",
    "people",
    "remarks",
    "staff_access",
    "triage",
]
