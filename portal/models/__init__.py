"""Rows. Importing this package registers every table on ``Base.metadata``."""

from portal.models import audit, calendar, diary, messages, people, triage
from portal.models.base import Base, inject_cipher

__all__ = ["Base", "audit", "calendar", "diary", "inject_cipher", "messages", "people", "triage"]
