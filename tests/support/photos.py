"""Photographs of a diary."""

from datetime import date
from pathlib import Path

from portal.adapters.photos import Picture
from portal.extensions import transaction
from portal.models.people import Participant
from portal.services import photos
from tests.support.answers import themselves
from tests.support.people import NOW, TODAY

JPEG = Picture(b"\xff\xd8 the picture itself", 40, 30)


def add(person: Participant, folder: Path, on: date = TODAY, picture: Picture = JPEG) -> int:
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        return photos.add_photo(session, actor=actor, diary_on=on, picture=picture, folder=folder, now=NOW)


def another(number: int) -> Picture:
    return Picture(b"\xff\xd8 picture %d" % number, 40, 30)
