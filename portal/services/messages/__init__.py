"""Texts: planned with their cause, claimed once, handed over, and followed to their end."""

from portal.domain.messages import Inbound
from portal.services.messages.alerts import enqueue_code, enqueue_staff_alert, enqueue_withdrawal
from portal.services.messages.choosing import set_texts, switch_by_staff
from portal.services.messages.closing import close_unreceipted
from portal.services.messages.planning import cancel_diary_reminder, plan_reminders, replan
from portal.services.messages.reading import MessageRow, Page, Tally, for_participant, recent, tally
from portal.services.messages.receiving import Received, record_inbound, record_status, signature_is_valid
from portal.services.messages.replying import Reply
from portal.services.messages.sending import Counts, send_due

__all__ = [
    "Counts",
    "Inbound",
    "MessageRow",
    "Page",
    "Received",
    "Reply",
    "Tally",
    "cancel_diary_reminder",
    "close_unreceipted",
    "enqueue_code",
    "enqueue_staff_alert",
    "enqueue_withdrawal",
    "for_participant",
    "plan_reminders",
    "recent",
    "record_inbound",
    "record_status",
    "replan",
    "send_due",
    "set_texts",
    "signature_is_valid",
    "switch_by_staff",
    "tally",
]
