"""One place where an appointment's change is counted, so that every phone's calendar and every open page follows."""

from datetime import datetime

from portal.models.infusions import AppointmentMixin


def mark_changed(row: AppointmentMixin, now: datetime) -> None:
    """Count a change of time or state that the participant must see: in the portal and in the phone's calendar."""
    row.sequence += 1
    row.changed_at = now


def bump_sequence(row: AppointmentMixin) -> None:
    """Count a confirmation or completion: nothing new to the participant, but open staff pages are now out of date."""
    row.sequence += 1
