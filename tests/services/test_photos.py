"""Photographs are kept as ciphertext outside the database, three a day, and every look at one is recorded."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.services import photos
from tests.support.diaries import hire
from tests.support.people import NOW, TODAY, enrol
from tests.support.photos import JPEG, add, another


def view(actor: Actor, photo_id: int, folder: Path) -> bytes:
    with transaction() as session:
        return photos.view_photo(session, actor=actor, study_number="RJ-001", photo_id=photo_id, folder=folder, now=NOW)


def test_a_photograph_is_ciphertext_on_the_disk_and_opens_for_staff(core: Flask, tmp_path: Path) -> None:
    tmp_path = tmp_path / "files"
    photo = add(enrol(), tmp_path)
    (file,) = tmp_path.iterdir()
    assert JPEG.jpeg not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert view(hire(), photo, tmp_path) == JPEG.jpeg


def test_each_look_is_in_the_trail(core: Flask, tmp_path: Path) -> None:
    photo, nurse = add(enrol(), tmp_path), hire()
    view(nurse, photo, tmp_path)
    view(nurse, photo, tmp_path)
    looks = select(AuditEvent.actor_id).where(AuditEvent.action == "photo:view")
    assert list(db.session.scalars(looks)) == [nurse.id, nurse.id]


def test_a_day_takes_three(core: Flask, tmp_path: Path) -> None:
    person = enrol()
    for number in range(3):
        add(person, tmp_path, picture=another(number))
    with pytest.raises(Invalid, match="Three photographs"):
        add(person, tmp_path, picture=another(3))
    assert add(person, tmp_path, TODAY - timedelta(days=1))


def test_a_picture_sent_twice_is_stored_once(core: Flask, tmp_path: Path) -> None:
    person, folder = enrol(), tmp_path / "files"
    first = add(person, folder)
    assert add(person, folder) == first
    assert add(person, folder, picture=another(1)) != first
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("days", [-1, 11])
def test_a_day_without_a_diary_takes_none(core: Flask, tmp_path: Path, days: int) -> None:
    with pytest.raises(NotFound):
        add(enrol(), tmp_path, TODAY - timedelta(days=days))


def test_two_people_never_share_a_key(core: Flask, tmp_path: Path) -> None:
    one, two = add(enrol(), tmp_path / "one"), add(enrol(2), tmp_path / "two")
    (first,), (second,) = (list((tmp_path / name).iterdir()) for name in ("one", "two"))
    first.write_bytes(second.read_bytes())
    with pytest.raises(ValueError, match="no key"):
        view(hire(), one, tmp_path / "one")
    assert one != two


@pytest.mark.parametrize(("role", "site", "refusal"), [
    (Role.MONITOR, "RJ", NotAllowed),
    (Role.DATA_MANAGER, "RJ", NotAllowed),
    (Role.COORDINATOR, "XX", NotFound),
])  # fmt: skip
def test_others_do_not_see_it(core: Flask, tmp_path: Path, role: Role, site: str, refusal: type[Exception]) -> None:
    photo, stranger = add(enrol(), tmp_path), hire(role=role, sites=(site,))
    with pytest.raises(refusal):
        view(stranger, photo, tmp_path)
