"""``docs/roles.md``: who may do what, as the grants table says."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from portal.domain.access import GRANTS, Permission, Role

FILE: Final = Path(__file__).parents[2] / "docs" / "roles.md"
OPENING: Final = """# Roles

Drawn from `GRANTS` in `portal/domain/access.py` by `flask --app app docs roles`; a test holds this file against it.
Change the table, not the picture.

Every grant of the study team is for the sites that a member belongs to: another site's record is answered like one that
does not exist. A participant, and whoever signs in for one, sees that participant only. `tests/web/test_role_matrix.py`
drives every route as everybody, with their own records, others' and none, and expects exactly this.
"""
P: Final = Permission
MEANINGS: Final[Mapping[Permission, str]] = {
    P.OWN_DIARY: "Write and read one's own diary, calendar and settings",
    P.TRIAGE_READ: "See episodes, tasks and who is silent",
    P.TRIAGE_ACT: "Claim, contact, wait, hand over, close; tasks and calls",
    P.PARTICIPANTS_READ: "See participants by study number: diaries, results, assessments, infusions, history",
    P.IDENTIFIERS_READ: "See names, dates of birth and phone numbers; each look is in the audit log",
    P.CARDS_ISSUE: "Issue access cards",
    P.PHOTOS_VIEW: "Look at photographs; each look is in the audit log",
    P.QUERIES_ASK: "Ask a participant about a report, and close the question",
    P.ACCOUNTS_INVITE: "Invite guardians and caregivers, and end their access",
    P.PARTICIPATION_ACT: "Record pauses, stays and ends of a participation",
    P.DIARY_ON_WARD: "Write the diary for somebody in hospital",
    P.MESSAGES_READ: "Read the message ledger, with masked numbers",
    P.MESSAGES_ACT: "Send again, switch reminders on or off, mark as read",
    P.STUDY_READ: "Read the study's pages and figures",
    P.LABS_ENTER: "Enter results and make them void",
    P.ASSESS: "Assess, change and sign",
    P.ROTA_SET: "Name who answers",
    P.INFUSIONS_ACT: "Plan, give, move, hold and miss infusions",
    P.ENROL: "Screen, record consent, allocate and enrol",
    P.SCREENING_REOPEN: "Open a failed screening again",
    P.ALLOCATION_IMPORT: "Import the sealed allocation list",
    P.DATA_EXPORT: "Take data out, blind to the arms",
    P.ARMS_EXPORT: "Take data out with the arms, and the inspection pack",
    P.RULES_REPLAY: "Try alert rules on the past",
    P.AUDIT_READ: "Search the audit log",
    P.DATA_LOCK: "Freeze and lock data, and open them again",
    P.DATA_QUERIES_READ: "Read the queries about data",
    P.DATA_QUERIES_RAISE: "Raise a query about data, and close it",
    P.DATA_QUERIES_ANSWER: "Answer a query about data",
    P.STAFF_MANAGE: "Invite members of the team, change roles and sites, reset and switch off accounts, end sessions",
    P.OWN_ACCOUNT: "See and end one's own sessions; change one's own password, app and recovery codes",
}


def draw_roles() -> str:
    """The whole document. KeyError for a permission without a meaning: give it one above."""
    return "\n".join([OPENING, *_matrix(), ""])


def _matrix() -> Iterator[str]:
    roles = [role for role in Role if role is not Role.SYSTEM]
    yield _row("", *(str(role) for role in roles))
    yield _row(*["---"] * (len(roles) + 1))
    for permission in Permission:
        marks = ("yes" if permission in GRANTS[role] else "" for role in roles)
        yield _row(f"{MEANINGS[permission]} (`{permission}`)", *marks)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
