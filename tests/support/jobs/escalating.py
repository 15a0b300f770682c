"""The escalation job over and over, on a clock that runs fast. Run as a program, in any number of processes.

``FAST_CLOCK`` is "instant at the start, Unix time of the start, times faster": all processes read the same clock.
"""

import os
import time
from datetime import UTC, datetime, timedelta

from app import create_app
from portal.extensions import db, transaction
from portal.services import triage


def moved_now(setting: str) -> datetime:
    start, began, faster = setting.split(",")
    return datetime.fromisoformat(start) + timedelta(seconds=(time.time() - float(began)) * float(faster))


if __name__ == "__main__":
    with create_app().app_context():
        while True:
            triage.escalate_episodes(transaction, now=moved_now(os.environ["FAST_CLOCK"]).astimezone(UTC))
            db.session.close()
            time.sleep(0.02)
