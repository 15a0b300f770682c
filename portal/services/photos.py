"""Photographs of a day: files under the participant's own key, shown to staff only, each view in the audit log."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters.photos import Picture
from portal.domain.access import Actor, Permission, require_permission
from portal.domain.diary import first_due_day, local_day
from portal.domain.errors import Invalid, NotFound
from portal.domain.msgid import N_
from portal.models.audit import data_cipher
from portal.models.people import Participant
from portal.models.photos import Photo
from portal.services import audit
from portal.services.scope import find_own_participant, id_of, within_sites

A_DAY: Final = 3
DAY_IS_FULL = N_("Three photographs of this day have been sent. There is room for no more.")


@dataclass(frozen=True, slots=True)
class PhotoRow:
    id: int
    added_at: datetime
    width: int
    height: int


def add_photo(session: Session, *, actor: Actor, diary_on: date, picture: Picture, folder: Path, now: datetime) -> int:
    """Store one photograph of a day. Raises NotFound for a day without a diary, Invalid when the day has three.

    Sent once more, because the answer was lost on its way, it is stored once. The file is written first: without its
    row nobody can open it, and a row without a file would be a loss.
    """
    participant = find_own_participant(session, actor, lock=True)
    plan = protocols.load_protocol().diary
    first = first_due_day(plan, transplant_on=participant.transplant_on, enrolled_on=participant.enrolled_on)
    if not first <= diary_on <= local_day(now, participant.timezone):
        raise NotFound
    before = _same(session, participant.id, diary_on, picture, folder)
    if before is not None:
        return before
    if count_photos(session, actor=actor, diary_on=diary_on) >= A_DAY:
        raise Invalid(DAY_IS_FULL, problems={"photo": DAY_IS_FULL})
    name = str(uuid4())
    _write(folder / name, data_cipher(session, participant.id).encrypt(picture.jpeg, _context(name)))
    audit.begin(session, actor=actor, action="photo:add", now=now, participant_id=participant.id)
    photo = Photo(
        participant_id=participant.id,
        account_id=actor.id,
        diary_on=diary_on,
        name=name,
        width=picture.width,
        height=picture.height,
        size=len(picture.jpeg),
        added_at=now,
    )
    session.add(photo)
    session.flush()
    return photo.id


def _same(session: Session, participant_id: int, diary_on: date, picture: Picture, folder: Path) -> int | None:
    """The id of this very picture, when it is among the day's already."""
    alike = select(Photo).where(
        Photo.participant_id == participant_id, Photo.diary_on == diary_on, Photo.size == len(picture.jpeg)
    )
    for row in session.scalars(alike):
        stored = folder / row.name
        if stored.exists():
            plain = data_cipher(session, participant_id).decrypt(stored.read_bytes(), _context(row.name))
            if plain == picture.jpeg:
                return row.id
    return None


def count_photos(session: Session, *, actor: Actor, diary_on: date) -> int:
    """How many the actor's own participant has of that day."""
    statement = select(func.count()).where(Photo.participant_id == actor.participant_id, Photo.diary_on == diary_on)
    return int(session.execute(statement.select_from(Photo)).scalar_one())


def list_day_photos(session: Session, *, actor: Actor, study_number: str, diary_on: date) -> tuple[PhotoRow, ...]:
    """Oldest first; empty for a participant of another site."""
    there = (Photo.participant_id == id_of(actor, study_number), Photo.diary_on == diary_on)
    rows = session.scalars(select(Photo).where(*there).order_by(Photo.id))
    return tuple(PhotoRow(row.id, row.added_at, row.width, row.height) for row in rows)


def view_photo(
    session: Session, *, actor: Actor, study_number: str, photo_id: int, folder: Path, now: datetime
) -> bytes:
    """The JPEG, for staff of the participant's site with the permission; that it was looked at is recorded."""
    found = session.execute(
        select(Photo, Participant.site)
        .join(Participant, Participant.id == Photo.participant_id)
        .where(Photo.id == photo_id, Participant.study_number == study_number, within_sites(actor))
    ).one_or_none()
    if found is None:
        raise NotFound
    photo, site = found
    require_permission(actor, Permission.PHOTOS_VIEW, site=site)
    _record_look(session, actor, photo.id, photo.participant_id, now)
    try:
        stored = (folder / photo.name).read_bytes()
    except FileNotFoundError as error:
        raise NotFound from error
    return data_cipher(session, photo.participant_id).decrypt(stored, _context(photo.name))


def record_photo_views(session: Session, *, actor: Actor, participant_id: int, until: datetime, now: datetime) -> None:
    """Each photograph that is to be handed over in a pack is one that was looked at."""
    there = (Photo.participant_id == participant_id, Photo.added_at <= until)
    for photo_id in session.scalars(select(Photo.id).where(*there).order_by(Photo.id)).all():
        _record_look(session, actor, photo_id, participant_id, now)


def _record_look(session: Session, actor: Actor, photo_id: int, participant_id: int, now: datetime) -> None:
    which = f"photo {photo_id}"
    audit.begin(session, actor=actor, action="photo:view", now=now, participant_id=participant_id, reason=which)


def list_participant_photos(
    session: Session, *, study_number: str, folder: Path, until: datetime | None = None
) -> Iterator[tuple[int, bytes]]:
    """Id and JPEG of every photograph stored. The caller has checked the permission and begun the audit event."""
    statement = (
        select(Photo)
        .join(Participant, Participant.id == Photo.participant_id)
        .where(Participant.study_number == study_number)
        .order_by(Photo.id)
    )
    rows = session.scalars(statement if until is None else statement.where(Photo.added_at <= until))
    for row in rows:
        if (folder / row.name).exists():
            stored = (folder / row.name).read_bytes()
            yield row.id, data_cipher(session, row.participant_id).decrypt(stored, _context(row.name))


def _context(name: str) -> bytes:
    return f"photo.{name}".encode()


def _write(path: Path, content: bytes) -> None:
    """On the disk before the row that names it is."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
