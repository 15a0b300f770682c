"""``jobs run`` with a short lease, for tests that kill it. Run as a program."""

from datetime import timedelta

from app import create_app
from portal import jobs
from portal.domain.messages import Pace

if __name__ == "__main__":
    app = create_app()
    app.config["PACE"] = Pace(
        threads=4, call_timeout=timedelta(seconds=2), listing_delay=timedelta(seconds=1), lease=timedelta(seconds=5)
    )
    jobs.run(app)
