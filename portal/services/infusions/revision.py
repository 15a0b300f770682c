"""One place where an appointment's change is counted, so that every phone's calendar and every open page follows."""

from datetime import datetime

from portal.models.infusions import AppointmentMixin


def mark_changed(row: AppointmentMixin, now: datetime) -> None:
    """Its time or state is not what the participant was told: news to them, and to their phone."""
    row.sequence += 1
    row.changed_at = now


def bump_sequence(row: AppointmentMixin) -> None:
    """It was confirmed or took place as arranged: no news, yet whoever had it open before has an old page."""
    row.sequence += 1
