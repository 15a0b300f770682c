"""Texts: planned with their cause, claimed once, handed over, and followed to their end."""

from portal.domain.messages import Inbound
from portal.services.messages.alerts import enqueue_staff_alert
from portal.services.messages.planning import cancel_diary_reminder, plan_reminders, replan
from portal.services.messages.reading import MessageRow, Page, Tally, for_participant, recent, tally
from portal.services.messages.receiving import record_inbound, record_status, signature_is_valid
from portal.services.messages.sending import Counts, send_due

__all__ = [
    "Counts",
    "Inbound",
    "MessageRow",
    "Page",
    "Tally",
    "cancel_diary_reminder",
    "enqueue_staff_alert",
    "for_participant",
    "plan_reminders",
    "recent",
    "record_inbound",
    "record_status",
    "replan",
    "send_due",
    "signature_is_valid",
    "tally",
]
