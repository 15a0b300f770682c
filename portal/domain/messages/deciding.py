"""The last look before a text is handed over: go, wait or stay."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from portal.domain.messages.kinds import KINDS, MessageKind, within_cap
from portal.domain.messages.states import MessageReason
from portal.domain.messages.timing import DestinationQuietHours, first_not_quiet, is_quiet
from portal.domain.protocol import Reminders


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What is true of the recipient at this moment.

    ``date_holds``: the appointment is still at the time the text would name. ``handed_over`` and ``still_planned``
    are the kinds of the recipient's other texts on the same local day; ``on_ward``: the ward keeps the diary, and this
    text asks for it; ``quiet_there`` the destination's own hours.
    """

    kind: MessageKind
    zone: tzinfo
    phone: str | None
    wanted: bool = True
    in_study: bool = True
    works_here: bool = True
    diary_sent: bool = False
    on_ward: bool = False
    date_holds: bool = True
    handed_over: tuple[MessageKind, ...] = ()
    still_planned: tuple[MessageKind, ...] = ()
    quiet_there: tuple[DestinationQuietHours, ...] = ()


@dataclass(frozen=True, slots=True)
class Send:
    pass


@dataclass(frozen=True, slots=True)
class Suppress:
    reason: MessageReason


@dataclass(frozen=True, slots=True)
class Defer:
    until: datetime


def decide_sending(facts: MessageFacts, *, now: datetime, reminders: Reminders) -> Send | Suppress | Defer:
    """Quiet hours defer and never drop; everything else that speaks against a text says why.

    Quiet are the protocol's hours and those that the destination keeps besides.
    """
    reason = _against(facts, reminders.daily_cap)
    if reason is not None:
        return Suppress(reason)
    if KINDS[facts.kind].ignores_quiet_hours or not _anywhere_quiet(now, facts, reminders):
        return Send()
    return Defer(first_not_quiet(now, facts.zone, _quiet_hours(facts, reminders)))


def _quiet_hours(facts: MessageFacts, reminders: Reminders) -> tuple[DestinationQuietHours, ...]:
    return (DestinationQuietHours(reminders.quiet_from, reminders.quiet_until), *facts.quiet_there)


def _anywhere_quiet(now: datetime, facts: MessageFacts, reminders: Reminders) -> bool:
    return any(is_quiet(now, facts.zone, hours) for hours in _quiet_hours(facts, reminders))


def _against(facts: MessageFacts, cap: int) -> MessageReason | None:
    fits = within_cap(facts.kind, handed_over=facts.handed_over, still_planned=facts.still_planned, cap=cap)
    traits = KINDS[facts.kind]
    against = (
        (not facts.works_here, MessageReason.INACTIVE),
        (not facts.in_study and not traits.ignores_status, MessageReason.STATUS),
        (facts.in_study and facts.kind is MessageKind.WITHDRAWAL, MessageReason.STATUS),
        (not facts.wanted and not traits.ignores_choice, MessageReason.TEXTS_OFF),
        (facts.phone is None, MessageReason.NO_PHONE),
        (facts.diary_sent, MessageReason.DIARY_SENT),
        (facts.on_ward, MessageReason.ON_WARD),
        (not facts.date_holds, MessageReason.DATE_CHANGED),
        (not fits, MessageReason.CAP),
    )
    return next((reason for applies, reason in against if applies), None)
