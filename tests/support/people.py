"""People for tests: a registered participant with one account, as enrolment would leave them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from portal.domain.access import SYSTEM, Actor, Role
from portal.models.people import Participant
from portal.services import enrolment, team

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
TODAY = date(2026, 11, 23)
PIN = "482913"
PASSWORD = "correct horse battery staple"
Enrol = Callable[..., Participant]


def new_participant(
    number: int = 1, *, arm: str = "imsc", day: int = 20, **changes: object
) -> enrolment.NewParticipant:
    """Somebody on study day ``day`` at ``TODAY``, 34 years old, 62 kg."""
    facts = {
        "study_number": f"RJ-{number:03}",
        "site": "RJ",
        "arm": arm,
        "name": "王小明",
        "born_on": date(1992, 3, 14),
        "transplant_on": TODAY - timedelta(days=day),
        "enrolled_on": TODAY - timedelta(days=max(day - 10, 0)),
        "weight_kg": Decimal("62.0"),
        "timezone": "Asia/Shanghai",
        "protocol_version": "1.0",
        "accounts": (
            enrolment.NewAccount(
                role=Role.PARTICIPANT,
                name="王小明",
                phone=f"+861380013{number:04}",
                language="zh-CN",
                reminder_at=time(19, 0),
            ),
        ),
    }
    return enrolment.NewParticipant(**{**facts, **changes})  # type: ignore[arg-type]


def enrol(number: int = 1, **changes: object) -> Participant:
    """Register and commit, inside an application context."""
    from portal.extensions import transaction

    with transaction() as session:
        return enrolment.register_participant(session, actor=SYSTEM, person=new_participant(number, **changes), now=NOW)


def hire(
    role: Role = Role.COORDINATOR, *, phone: str | None = "+8613900000001", sites: frozenset[str] = frozenset({"RJ"})
) -> int:
    """A member of staff with a password and a one-time code; the id."""
    from portal.extensions import transaction

    with transaction() as session:
        created = team.create_staff(
            session,
            actor=SYSTEM,
            email=f"{role}@example.org",
            name="李娜",
            role=role,
            sites=sites,
            password=PASSWORD,
            now=NOW,
            phone=phone,
        )
        return created.id


def at_site(*sites: str, role: Role = Role.COORDINATOR) -> Actor:
    """Somebody of the study team at these sites, for what is only read."""
    return Actor("staff", role, 1, sites=frozenset(sites))


def acting_for(person: Participant) -> Actor:
    """The participant's own account."""
    return Actor("account", Role.PARTICIPANT, person.accounts[0].id, person.id)
