"""Writing down what became of texts: read the lines, let the domain say what they become, write them in one go."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.adapters import sms
from portal.domain.messages import Line, MessageState, ledger, retry_after
from portal.models.messages import Message
from portal.services.messages.claiming import Job, forget_secrets
from portal.services.messages.opt_out import follow_up

FIELDS = tuple(Line.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Adopted:
    """Found in the provider's own list: an earlier worker had handed it over."""

    found: sms.Found


@dataclass(frozen=True, slots=True)
class Absent:
    """Not in the provider's list: it is decided anew whether it should go."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Not called: what the last look saw, or too late for this claim."""


Result = sms.Outcome | Adopted | Absent | Withheld


def record(session: Session, *, results: Sequence[tuple[Job, Result]], worker: str, now: datetime) -> None:
    """Apply each outcome to its line. What the provider has is always true; all else counts while the claim is ours."""
    lines = read_lines(session, [job.message_id for job, _ in results])
    after = [_applied(lines[job.message_id], job, result, worker=worker, now=now) for job, result in results]
    write_lines(session, after)
    forget_secrets(session, [job.message_id for job, _ in results if job.secret])
    follow_up(session, [line for line in after if line.state is MessageState.FAILED], now=now)


def read_lines(session: Session, ids: Sequence[int]) -> Mapping[int, Line]:
    if not ids:
        return {}
    statement = select(*(getattr(Message, name) for name in FIELDS)).where(Message.id.in_(ids)).with_for_update()
    rows = (row._mapping for row in session.execute(statement))  # noqa: SLF001 - SQLAlchemy's public name for it
    return {row["id"]: Line(**{**row, "state": MessageState(row["state"])}) for row in rows}


def write_lines(session: Session, lines: Sequence[Line]) -> None:
    changes: list[dict[str, Any]] = [{**asdict(line), "state": str(line.state)} for line in lines]
    if changes:
        session.execute(update(Message), changes, execution_options={"synchronize_session": False})


def _applied(line: Line, job: Job, result: Result, *, worker: str, now: datetime) -> Line:
    provider = sms.sender(job.channel).name if sms.has(job.channel) else "none"
    if isinstance(result, sms.Taken):
        return heard(line, result.provider_id, result.status, None, provider, now)
    if isinstance(result, Adopted):
        found = result.found
        return heard(line, found.provider_id, found.status, found.error_code, provider, now)
    if not line.held_by(worker, job.attempt):
        return line
    return _untaken(line, result, now)


def _untaken(line: Line, result: sms.Refused | sms.Later | sms.Unknown | Absent | Withheld, now: datetime) -> Line:
    wait = retry_after(line.attempts, jitter=random.random())  # noqa: S311 - spreads load, hides nothing
    match result:
        case sms.Refused(reason, code):
            return ledger.refused(line, reason=reason, error_code=code, now=now)
        case sms.Later(reason, code):
            return ledger.later(line, reason=reason, error_code=code, wait=wait, now=now)
        case sms.Unknown(code):
            return ledger.unknown(line, error_code=code, wait=wait, now=now)
        case Absent():
            return ledger.absent(line, now)
        case Withheld():
            return ledger.withheld(line, now)
    assert_never(result)


def heard(line: Line, provider_id: str, status: str, error_code: str | None, provider: str, now: datetime) -> Line:
    """The provider's word on a line, with the reason that its error code stands for."""
    return ledger.heard(
        line,
        provider=provider,
        provider_id=provider_id,
        status=status,
        error_code=error_code,
        reason=sms.final_reason(error_code or ""),
        now=now,
    )
