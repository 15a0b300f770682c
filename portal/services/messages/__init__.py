"""Texts: planned with their cause, claimed once, handed over, and followed to their end."""

from portal.domain.messages import Inbound
from portal.services.messages.alerts import (
    enqueue_code,
    enqueue_goodbyes,
    enqueue_staff_alert,
    enqueue_withdrawal,
    mail_invitation,
)
from portal.services.messages.figures import (
    DayFigures,
    Uncertain,
    Unreachable,
    by_day,
    uncertain,
    unreachable,
)
from portal.services.messages.inbox import Unread, mark_read, unread, unread_count
from portal.services.messages.opt_out import set_texts, switch_by_staff
from portal.services.messages.planning import (
    cancel_diary_reminder,
    plan_reminders,
    replan,
)
from portal.services.messages.reading import (
    Choice,
    MessageRow,
    Page,
    Tally,
    choices,
    for_participant,
    one,
    recent,
    tally,
)
from portal.services.messages.receipt_timeout import close_unreceipted
from portal.services.messages.receiving import Received, record_inbound, record_status, signature_is_valid
from portal.services.messages.replying import Reply
from portal.services.messages.resending import RESENDABLE, resend
from portal.services.messages.sending import Counts, send_due

__all__ = [
    "RESENDABLE",
    "Choice",
    "Counts",
    "DayFigures",
    "Inbound",
    "MessageRow",
    "Page",
    "Received",
    "Reply",
    "Tally",
    "Uncertain",
    "Unreachable",
    "Unread",
    "by_day",
    "cancel_diary_reminder",
    "choices",
    "close_unreceipted",
    "enqueue_code",
    "enqueue_goodbyes",
    "enqueue_staff_alert",
    "enqueue_withdrawal",
    "for_participant",
    "mail_invitation",
    "mark_read",
    "one",
    "plan_reminders",
    "recent",
    "record_inbound",
    "record_status",
    "replan",
    "resend",
    "send_due",
    "set_texts",
    "signature_is_valid",
    "switch_by_staff",
    "tally",
    "uncertain",
    "unreachable",
    "unread",
    "unread_count",
]
