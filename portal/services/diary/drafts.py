"""What has been typed and not sent: kept on the server as ciphertext, so that a closed tab loses nothing.

A draft is not a study record (nothing is audited, save the red answers in it); it belongs to one account and one day,
and a session that a reminder's link has opened has one of its own. Every answer carries the time at which it was saved:
a page that was shown before does not replace it.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.alert_rules import Organ
from portal.models.base import get_cipher
from portal.models.diary import DiaryDraft

Raw = dict[str, Any]
OWN: Final = (
    DiaryDraft.account_id == bindparam("account_id"),
    DiaryDraft.diary_on == bindparam("diary_on"),
    DiaryDraft.day_link == bindparam("day_link"),
)
FIND: Final = select(DiaryDraft).where(*OWN).execution_options(populate_existing=True)
# A draft that was saved after the report was written stays: the newest wins.
DROP: Final = (
    delete(DiaryDraft)
    .where(*OWN, (DiaryDraft.client_id == bindparam("client_id")) | (DiaryDraft.saved_at <= bindparam("entered_at")))
    .returning(DiaryDraft.client_id)
    .execution_options(synchronize_session=False)
)
NOTHING: Final[Raw] = {}


@dataclass(frozen=True, slots=True)
class UnsentRed:
    """A red answer of a draft. ``page``: the name of the page that holds it, None for a combination.

    ``evidence`` is stored as ``Flag.evidence``. ``alert_at``: when staff are texted unless it is sent or taken back
    before. ``can_be_taken_back`` is false once the alert has gone, or where it went at once.
    """

    flag_id: int
    rule_id: str
    organ: Organ
    page: str | None
    evidence: dict[str, Any]
    answered_at: datetime
    alert_at: datetime
    can_be_taken_back: bool


@dataclass(frozen=True, slots=True)
class DraftView:
    """``raw`` is what was typed, by linkId, as it was typed; ``pages`` those that have been saved once.

    ``saved_at``: when it was last saved, None when it is not stored; a page carries it back (``base``).
    ``questionnaire`` names the questions that its pages asked. ``kept``: after saving, the linkIds of which a newer
    answer stood and was kept, so that the page is shown once more.
    """

    client_id: str
    diary_on: date
    raw: Raw = field(default_factory=dict)
    pages: frozenset[str] = frozenset()
    stored: bool = False
    unsent_reds: tuple[UnsentRed, ...] = ()
    saved_at: datetime | None = None
    account_id: int | None = None
    day_link: bool = False
    questionnaire: str | None = None
    kept: frozenset[str] = frozenset()

    def digest(self, except_for: Collection[str] = ()) -> str:
        """Of what is typed, to compare what was shown with what is sent; empty answers do not count."""
        shown = {
            name: typed
            for name, typed in self.raw.items()
            if name not in except_for and typed not in ("", None, [], {})
        }
        return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def new_client_id(account_id: int | None = None) -> str:
    """A fresh id of a report. One that is made for an account can be told to be its own (``belongs_to``)."""
    fresh = uuid4().bytes
    if account_id is None:
        return str(UUID(bytes=fresh))
    return str(UUID(bytes=fresh[:8] + _mark(fresh[:8], account_id)))


def belongs_to(client_id: str, account_id: int) -> bool:
    """Whether this id was made for this account."""
    try:
        given = UUID(client_id).bytes
    except ValueError:
        return False
    return given[8:] == _mark(given[:8], account_id)


def _mark(random: bytes, account_id: int) -> bytes:
    return get_cipher().blind_index("client-id", f"{random.hex()}:{account_id}")[:8]


def find_row(session: Session, actor: Actor, diary_on: date) -> DiaryDraft | None:
    given = {"account_id": actor.id, "diary_on": diary_on, "day_link": actor.day_link}
    return session.execute(FIND, given).scalar_one_or_none()


def view_of(row: DiaryDraft | None, *, actor: Actor, diary_on: date, **more: Any) -> DraftView:
    """The draft as it is stored, or a fresh one."""
    if row is None:
        fresh = new_client_id(actor.id)
        return DraftView(fresh, diary_on, account_id=actor.id, day_link=actor.day_link, **more)
    return DraftView(
        client_id=row.client_id,
        diary_on=diary_on,
        raw=dict(row.content["raw"]),
        pages=frozenset(row.content["pages"]),
        stored=True,
        saved_at=row.saved_at,
        account_id=row.account_id,
        day_link=row.day_link,
        questionnaire=row.questionnaire,
        **more,
    )


def begin_draft(session: Session, *, actor: Actor, diary_on: date, client_id: str, now: datetime) -> DiaryDraft:
    """A new draft without an answer, in the session and not stored yet."""
    row = DiaryDraft(
        account_id=actor.id,
        diary_on=diary_on,
        day_link=actor.day_link,
        client_id=client_id,
        started_at=now,
        content={"raw": {}, "pages": [], "at": {}},
    )
    session.add(row)
    return row


def store_page(
    session: Session,
    row: DiaryDraft,
    *,
    page: str,
    raw: Raw,
    now: datetime,
    base: datetime | None,
    questionnaire: str | None,
) -> frozenset[str]:
    """Keep what one page holds; the linkIds of which a newer answer was kept.

    ``base``: when the draft was saved that the page had shown; an answer that was saved after it stays. None: unknown,
    the page is taken as it is.
    """
    before, at = row.content["raw"], row.content.get("at", {})
    kept = frozenset(link for link, typed in raw.items() if _is_newer(before, at, link, typed, base))
    taken = {link: typed for link, typed in raw.items() if link not in kept}
    changed = {link: now.isoformat() for link, typed in taken.items() if before.get(link) != typed}
    row.content = {
        "raw": {**before, **taken},
        "pages": sorted({*row.content["pages"], page}),
        "at": {**at, **changed},
    }
    row.questionnaire, row.saved_at = questionnaire or row.questionnaire, now
    session.flush()
    return kept


def _is_newer(before: Raw, at: Mapping[str, str], link: str, typed: Any, base: datetime | None) -> bool:
    if base is None or link not in at or before.get(link, "") == typed:
        return False
    return datetime.fromisoformat(at[link]) > base


def store_pages(
    session: Session,
    *,
    actor: Actor,
    diary_on: date,
    client_id: str,
    pages: Collection[str],
    raw: Raw,
    now: datetime,
    questionnaire: str,
) -> None:
    """A whole new draft, where there is none."""
    session.add(
        DiaryDraft(
            account_id=actor.id,
            diary_on=diary_on,
            day_link=actor.day_link,
            client_id=client_id,
            started_at=now,
            saved_at=now,
            questionnaire=questionnaire,
            content={"raw": raw, "pages": sorted(pages), "at": dict.fromkeys(raw, now.isoformat())},
        )
    )
    session.flush()


def drop_answers(
    session: Session, row: DiaryDraft, *, link_ids: Collection[str], pages: Collection[str], now: datetime
) -> None:
    """Answers that were a mistake are asked again."""
    raw = {link: typed for link, typed in row.content["raw"].items() if link not in link_ids}
    dropped = {link: now.isoformat() for link in link_ids if link in row.content["raw"]}
    row.content = {
        "raw": raw,
        "pages": [page for page in row.content["pages"] if page not in pages],
        "at": {**row.content.get("at", {}), **dropped},
    }
    row.saved_at = now
    session.flush()


def delete_replaced(
    session: Session, *, actor: Actor, diary_on: date, client_id: str, entered_at: datetime
) -> frozenset[str]:
    """Delete the draft that a report has replaced: its client id, if there was one."""
    given = {"account_id": actor.id, "diary_on": diary_on, "day_link": actor.day_link}
    found = session.execute(DROP, {**given, "client_id": client_id, "entered_at": entered_at})
    return frozenset(found.scalars())
