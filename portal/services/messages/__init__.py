"""Texts: planned with their cause, claimed once, handed over, and followed to their end."""

from portal.domain.messages import InboundMeaning
from portal.services.messages.alerts import (
    alert_has_gone,
    alert_key,
    enqueue_code,
    enqueue_goodbyes,
    enqueue_invitation,
    enqueue_staff_alert,
    enqueue_withdrawal,
    hasten_alerts,
    stop_alerts,
)
from portal.services.messages.figures import (
    DailyMessageFigures,
    UncertainMessage,
    UnreachablePhone,
    list_daily_figures,
    list_uncertain,
    list_unreachable,
)
from portal.services.messages.inbox import UnreadMessage, count_unread, list_unread, mark_read
from portal.services.messages.opt_out import set_reminders_on, switch_reminders_by_staff
from portal.services.messages.planning import (
    cancel_diary_reminder,
    plan_reminders,
    replan_reminders,
)
from portal.services.messages.reading import (
    MessagePage,
    MessageRow,
    MessageTally,
    ReminderChoice,
    count_messages,
    get_message,
    list_participant_messages,
    list_recent_messages,
    list_reminder_choices,
)
from portal.services.messages.receipt_timeout import close_unreceipted
from portal.services.messages.receiving import InboundResult, record_inbound, record_status, signature_is_valid
from portal.services.messages.replying import ReplyText
from portal.services.messages.resending import RESENDABLE, resend_message
from portal.services.messages.sending import Counts, send_due

__all__ = [
    "RESENDABLE",
    "Counts",
    "DailyMessageFigures",
    "InboundMeaning",
    "InboundResult",
    "MessagePage",
    "MessageRow",
    "MessageTally",
    "ReminderChoice",
    "ReplyText",
    "UncertainMessage",
    "UnreachablePhone",
    "UnreadMessage",
    "alert_has_gone",
    "alert_key",
    "cancel_diary_reminder",
    "close_unreceipted",
    "count_messages",
    "count_unread",
    "enqueue_code",
    "enqueue_goodbyes",
    "enqueue_invitation",
    "enqueue_staff_alert",
    "enqueue_withdrawal",
    "get_message",
    "hasten_alerts",
    "list_daily_figures",
    "list_participant_messages",
    "list_recent_messages",
    "list_reminder_choices",
    "list_uncertain",
    "list_unreachable",
    "list_unread",
    "mark_read",
    "plan_reminders",
    "record_inbound",
    "record_status",
    "replan_reminders",
    "resend_message",
    "send_due",
    "set_reminders_on",
    "signature_is_valid",
    "stop_alerts",
    "switch_reminders_by_staff",
]
