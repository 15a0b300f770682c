"""``jobs run`` for tests that kill it: with a short lease, and the texts' own jobs alone. Run as a program.

``PACE`` in the environment is the call's time-out, the provider's listing delay and the lease, in seconds.
"""

import os
from datetime import timedelta

from app import create_app
from portal import jobs
from portal.domain.messages import SendPace

if __name__ == "__main__":
    call, listing, lease = (timedelta(seconds=float(one)) for one in os.environ.get("PACE", "2,1,5").split(","))
    app = create_app()
    app.config["PACE"] = SendPace(threads=4, call_timeout=call, listing_delay=listing, lease=lease)
    jobs.JOBS = tuple(job for job in jobs.JOBS if job.id in {"plan-reminders", "send-due"})  # type: ignore[misc]
    jobs.run_scheduler(app)
