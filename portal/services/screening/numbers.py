"""Numbers of a site, given out one after the other under a lock: of screenings, and of participants."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models.enrolment import SiteNumbers
from portal.models.people import Participant
from portal.models.upsert import insert_into


def next_screening_number(session: Session, site: str) -> str:
    """``RJ-S001``. Part of another verb."""
    row = _locked(session, site)
    row.last_screening += 1
    return f"{site}-S{row.last_screening:03}"


def next_study_number(session: Session, site: str) -> str:
    """``RJ-057`` behind ``RJ-056``: the highest of the site and one more. Part of another verb."""
    _locked(session, site)
    taken = session.scalars(select(Participant.study_number).where(Participant.site == site))
    highest = max((int(last) for last in (number.rpartition("-")[2] for number in taken) if last.isdigit()), default=0)
    return f"{site}-{highest + 1:03}"


def _locked(session: Session, site: str) -> SiteNumbers:
    made = insert_into(session, SiteNumbers).values(site=site, last_screening=0).on_conflict_do_nothing()
    session.execute(made)
    return session.scalars(select(SiteNumbers).where(SiteNumbers.site == site).with_for_update()).one()
