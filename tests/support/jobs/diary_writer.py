"""A process that sends diaries without a pause until it is killed. Run as a program: FOLDER STUDY_NUMBER.

Each report that was acknowledged, which is after its transaction, is a line of ``FOLDER/STUDY_NUMBER``. Between the
reports the trail is sealed, as the clock would, so that a death may come there as well.
"""

import os
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from config import load
from portal import configure
from portal.adapters.encryption import Vault
from portal.domain.diary import local_day
from portal.extensions import db, init_database, transaction
from portal.models import inject_cipher
from portal.models.people import Participant
from portal.services import diary
from portal.services.audit import chain
from tests.support.answers import BLOODY, submission, themselves

EVERY = 5


def write(number: str, acknowledged: int) -> None:
    person = db.session.scalars(select(Participant).where(Participant.study_number == number)).one()
    actor, zone = themselves(person), person.timezone
    for turn in count():
        now, client_id = datetime.now(UTC), f"{number}-{os.getpid()}-{turn}"
        answers = BLOODY if turn % 3 else {}
        report = submission(client_id=client_id, diary_on=local_day(now, zone), entered_at=now, **answers)
        with transaction() as session:
            diary.submit_diary(session, actor=actor, submission=report, now=now)
        os.write(acknowledged, f"{client_id}\n".encode())
        if turn % EVERY == 0:
            with transaction() as session:
                chain.seal_events(session, now=now)


def core() -> Flask:
    """The fuse box alone: it starts in half the time of the pages."""
    app, config = Flask("writer"), load()
    configure(app, config)
    inject_cipher(Vault(config.field_keys, config.blind_index_key))
    init_database(app)
    return app


if __name__ == "__main__":
    folder, study_number = Path(sys.argv[1]), sys.argv[2]
    with core().app_context():
        write(study_number, os.open(folder / study_number, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
