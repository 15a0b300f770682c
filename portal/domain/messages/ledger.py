"""One line of the ledger, and what each event makes of it. Pure: a service reads the line and writes what comes out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal.domain.messages.states import RECEIPT_WITHIN, MessageReason, MessageState, can_become, outranking_receipt


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """The fields of a message that an outcome may change. ``attempts`` and ``claimed_by`` identify the current or last
    claim.
    """

    id: int
    state: MessageState
    attempts: int
    expires_at: datetime
    not_before_at: datetime
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    reason: str | None = None
    provider: str | None = None
    provider_id: str | None = None
    provider_status: str | None = None
    error_code: str | None = None
    sent_at: datetime | None = None
    final_at: datetime | None = None
    uncertain_at: datetime | None = None

    def held_by(self, worker: str, attempt: int) -> bool:
        """Whether this claim is still that worker's, and not one made after its lease ran out."""
        return self.state is MessageState.CLAIMED and self.claimed_by == worker and self.attempts == attempt


def on_provider_status(
    line: DeliveryState,
    *,
    provider: str,
    provider_id: str,
    status: str,
    error_code: str | None,
    reason: MessageReason | None,
    now: datetime,
) -> DeliveryState:
    """The provider's word: an answer to our call, a receipt, or a line of its list. The latest rank wins."""
    line = replace(
        line,
        provider=line.provider or provider,
        provider_id=line.provider_id or provider_id,
        sent_at=line.sent_at or now,
        lease_until=None,
    )
    standing = outranking_receipt(line.provider_status, status)
    if standing is None:
        return _move(line, MessageState.SENT, now)  # words that we do not know still say that the provider has the text
    line = replace(line, provider_status=status)
    if standing.state is MessageState.FAILED:
        return _move(line, MessageState.FAILED, now, reason=reason, error_code=error_code)
    return _move(line, standing.state, now)


def on_rejected(line: DeliveryState, *, reason: MessageReason, error_code: str, now: datetime) -> DeliveryState:
    return _move(line, MessageState.FAILED, now, reason=reason, error_code=error_code)


def on_retryable(
    line: DeliveryState, *, reason: MessageReason, error_code: str, wait: timedelta, now: datetime
) -> DeliveryState:
    """Certainly not taken: back in the queue."""
    waiting = _move(line, MessageState.PLANNED, now, reason=reason, error_code=error_code)
    return replace(waiting, claimed_by=None, claimed_at=None, not_before_at=max(now + wait, line.not_before_at))


def on_withheld(line: DeliveryState, now: datetime) -> DeliveryState:
    """Claimed, and not called after all: as if it had never been taken up."""
    back = _move(line, MessageState.PLANNED, now)
    return replace(back, claimed_by=None, claimed_at=None, attempts=max(line.attempts - 1, 0))


def on_not_found(line: DeliveryState, now: datetime) -> DeliveryState:
    """Not in the provider's list after the lease: back in the queue, to be decided anew.

    ``uncertain_at`` remembers that an earlier call had no known end. ``claimed_at`` stays, so that a further look
    would still find what that call left behind.
    """
    return replace(_move(line, MessageState.PLANNED, now), claimed_by=None, uncertain_at=line.uncertain_at or now)


def on_unknown(line: DeliveryState, *, error_code: str, wait: timedelta, now: datetime) -> DeliveryState:
    """Nobody knows: it stays claimed, and what follows the lease is a look into the provider's list.

    A list that cannot be read for days, long after the text's own time, is not waited for: then it has failed.
    """
    if now > line.expires_at + RECEIPT_WITHIN:
        return _move(line, MessageState.FAILED, now, reason=MessageReason.NO_ANSWER, error_code=error_code)
    lease = max(now + wait, line.lease_until or now)
    return replace(line, error_code=error_code, lease_until=lease)


def _move(
    line: DeliveryState,
    state: MessageState,
    now: datetime,
    *,
    reason: MessageReason | None = None,
    error_code: str | None = None,
) -> DeliveryState:
    if not can_become(line.state, state):
        return line
    final = now if state not in {MessageState.PLANNED, MessageState.CLAIMED, MessageState.SENT} else None
    return replace(
        line,
        state=state,
        reason=reason and str(reason),
        error_code=error_code,
        final_at=final,
        lease_until=None,
    )
