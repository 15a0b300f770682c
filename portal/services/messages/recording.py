"""Record outcomes of messages: read the delivery states, apply the domain's transitions, write them at once."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.adapters import sms
from portal.domain.messages import DeliveryState, MessageState, ledger, retry_delay
from portal.models.messages import Message
from portal.services.messages.claiming import SendJob, erase_secrets
from portal.services.messages.opt_out import follow_up_failures

FIELDS = tuple(DeliveryState.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class FoundAtProvider:
    """Found in the provider's own list: an earlier worker had handed it over."""

    found: sms.ListedMessage


@dataclass(frozen=True, slots=True)
class NotAtProvider:
    """Not in the provider's list: it is decided anew whether it should go."""


@dataclass(frozen=True, slots=True)
class WithheldMessage:
    """Not called: what the last look saw, or too late for this claim."""


Result = sms.SendOutcome | FoundAtProvider | NotAtProvider | WithheldMessage


def record_results(session: Session, *, results: Sequence[tuple[SendJob, Result]], worker: str, now: datetime) -> None:
    """Apply each outcome to its line. What the provider has is always true; all else counts while the claim is ours."""
    lines = read_delivery_states(session, [job.message_id for job, _ in results])
    after = [_applied(lines[job.message_id], job, result, worker=worker, now=now) for job, result in results]
    write_delivery_states(session, after)
    erase_secrets(session, [job.message_id for job, _ in results if job.secret])
    follow_up_failures(session, [line for line in after if line.state is MessageState.FAILED], now=now)


def read_delivery_states(session: Session, ids: Sequence[int]) -> Mapping[int, DeliveryState]:
    if not ids:
        return {}
    statement = select(*(getattr(Message, name) for name in FIELDS)).where(Message.id.in_(ids)).with_for_update()
    rows = (row._mapping for row in session.execute(statement))  # noqa: SLF001 - SQLAlchemy's public name for it
    return {row["id"]: DeliveryState(**{**row, "state": MessageState(row["state"])}) for row in rows}


def write_delivery_states(session: Session, lines: Sequence[DeliveryState]) -> None:
    changes: list[dict[str, Any]] = [{**asdict(line), "state": str(line.state)} for line in lines]
    if changes:
        session.execute(update(Message), changes, execution_options={"synchronize_session": False})


def _applied(line: DeliveryState, job: SendJob, result: Result, *, worker: str, now: datetime) -> DeliveryState:
    provider = sms.get_sender(job.channel).name if sms.has_channel(job.channel) else "none"
    if isinstance(result, sms.Accepted):
        return apply_provider_status(line, result.provider_id, result.status, None, provider, now)
    if isinstance(result, FoundAtProvider):
        found = result.found
        return apply_provider_status(line, found.provider_id, found.status, found.error_code, provider, now)
    if not line.held_by(worker, job.attempt):
        return line
    return _untaken(line, result, now)


def _untaken(
    line: DeliveryState,
    result: sms.Rejected | sms.Retryable | sms.Unknown | NotAtProvider | WithheldMessage,
    now: datetime,
) -> DeliveryState:
    wait = retry_delay(line.attempts, jitter=random.random())  # noqa: S311 - spreads load, hides nothing
    match result:
        case sms.Rejected(reason, code):
            return ledger.on_rejected(line, reason=reason, error_code=code, now=now)
        case sms.Retryable(reason, code):
            return ledger.on_retryable(line, reason=reason, error_code=code, wait=wait, now=now)
        case sms.Unknown(code):
            return ledger.on_unknown(line, error_code=code, wait=wait, now=now)
        case NotAtProvider():
            return ledger.on_not_found(line, now)
        case WithheldMessage():
            return ledger.on_withheld(line, now)
    assert_never(result)


def apply_provider_status(
    line: DeliveryState, provider_id: str, status: str, error_code: str | None, provider: str, now: datetime
) -> DeliveryState:
    """Apply the provider's status to a delivery state, with the reason that its error code maps to."""
    return ledger.on_provider_status(
        line,
        provider=provider,
        provider_id=provider_id,
        status=status,
        error_code=error_code,
        reason=sms.final_reason(error_code or ""),
        now=now,
    )
