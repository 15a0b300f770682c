"""What has been typed and not sent: kept on the server as ciphertext, so that a closed tab loses nothing.

A draft is not a study record (nothing is audited); it belongs to one account and one day.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import bindparam, delete
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.models.diary import DiaryDraft

Raw = dict[str, Any]
DROP: Final = delete(DiaryDraft).where(
    DiaryDraft.account_id == bindparam("account_id"), DiaryDraft.diary_on == bindparam("diary_on")
)


@dataclass(frozen=True, slots=True)
class DraftView:
    """``raw`` is what was typed, by linkId, as it was typed; ``pages`` those that have been saved once."""

    client_id: str
    diary_on: date
    raw: Raw = field(default_factory=dict)
    pages: frozenset[str] = frozenset()
    stored: bool = False


def new_client_id() -> str:
    return str(uuid4())


def get_draft(session: Session, *, actor: Actor, diary_on: date) -> DraftView:
    """The account's draft of a day, or a fresh one that is not stored yet."""
    row = session.get(DiaryDraft, (actor.id, diary_on))
    if row is None:
        return DraftView(client_id=new_client_id(), diary_on=diary_on)
    return DraftView(
        client_id=row.client_id,
        diary_on=diary_on,
        raw=dict(row.content["raw"]),
        pages=frozenset(row.content["pages"]),
        stored=True,
    )


def save_draft_page(
    session: Session, *, actor: Actor, diary_on: date, client_id: str, page: str, raw: Raw, now: datetime
) -> DraftView:
    """Keep what one page holds, right or wrong. The first page saved gives the draft its client id."""
    before = get_draft(session, actor=actor, diary_on=diary_on)
    content = {"raw": {**before.raw, **raw}, "pages": sorted({*before.pages, page})}
    row = session.get(DiaryDraft, (actor.id, diary_on))
    if row is None:
        row = DiaryDraft(account_id=actor.id, diary_on=diary_on, client_id=client_id, started_at=now)
        session.add(row)
    row.content, row.saved_at = content, now
    session.flush()
    return get_draft(session, actor=actor, diary_on=diary_on)


def delete_draft(session: Session, *, actor: Actor, diary_on: date) -> None:
    session.execute(DROP, {"account_id": actor.id, "diary_on": diary_on})
