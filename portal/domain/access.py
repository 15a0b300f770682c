"""Who may do what. One literal table, read by the guards, the pages and the tests."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.domain.errors import NotAllowed


class Role(StrEnum):
    PARTICIPANT = "participant"
    GUARDIAN = "guardian"
    CAREGIVER = "caregiver"
    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    DATA_MANAGER = "data-manager"
    MONITOR = "monitor"
    STATISTICIAN = "statistician"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class Permission(StrEnum):
    OWN_DIARY = "own-diary"
    TRIAGE_READ = "triage:read"
    TRIAGE_ACT = "triage:act"
    PARTICIPANTS_READ = "participants:read"
    IDENTIFIERS_READ = "identifiers:read"
    CARDS_ISSUE = "cards:issue"
    PHOTOS_VIEW = "photos:view"
    QUERIES_ASK = "queries:ask"
    ACCOUNTS_INVITE = "accounts:invite"
    PARTICIPATION_ACT = "participation:act"
    DIARY_ON_WARD = "diary:ward"
    MESSAGES_READ = "messages:read"
    MESSAGES_ACT = "messages:act"
    STUDY_READ = "study:read"
    LABS_ENTER = "labs:enter"
    ASSESS = "assess"
    ROTA_SET = "rota:set"
    INFUSIONS_ACT = "infusions:act"
    ENROL = "enrol"
    SCREENING_REOPEN = "screening:reopen"
    ALLOCATION_IMPORT = "allocation:import"
    DATA_EXPORT = "data:export"
    ARMS_EXPORT = "arms:export"
    RULES_REPLAY = "rules:replay"
    AUDIT_READ = "audit:read"
    DATA_LOCK = "data:lock"
    DATA_QUERIES_READ = "data-queries:read"
    DATA_QUERIES_RAISE = "data-queries:raise"
    DATA_QUERIES_ANSWER = "data-queries:answer"
    STAFF_MANAGE = "staff:manage"
    OWN_ACCOUNT = "own-account"


P = Permission
GRANTS: MappingProxyType[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.PARTICIPANT: frozenset({P.OWN_DIARY}),
        Role.GUARDIAN: frozenset({P.OWN_DIARY}),
        Role.CAREGIVER: frozenset({P.OWN_DIARY}),
        Role.COORDINATOR: frozenset(
            {
                P.OWN_ACCOUNT,
                P.ENROL,
                P.DATA_QUERIES_READ,
                P.DATA_QUERIES_ANSWER,
                P.TRIAGE_READ,
                P.PHOTOS_VIEW,
                P.QUERIES_ASK,
                P.LABS_ENTER,
                P.ROTA_SET,
                P.TRIAGE_ACT,
                P.PARTICIPANTS_READ,
                P.IDENTIFIERS_READ,
                P.CARDS_ISSUE,
                P.ACCOUNTS_INVITE,
                P.PARTICIPATION_ACT,
                P.DIARY_ON_WARD,
                P.INFUSIONS_ACT,
                P.MESSAGES_ACT,
                P.MESSAGES_READ,
                P.STUDY_READ,
            }
        ),
        Role.INVESTIGATOR: frozenset(
            {
                P.OWN_ACCOUNT,
                P.DATA_EXPORT,
                P.ARMS_EXPORT,
                P.AUDIT_READ,
                P.DATA_QUERIES_READ,
                P.DATA_QUERIES_ANSWER,
                P.ENROL,
                P.SCREENING_REOPEN,
                P.RULES_REPLAY,
                P.PHOTOS_VIEW,
                P.QUERIES_ASK,
                P.LABS_ENTER,
                P.ASSESS,
                P.ROTA_SET,
                P.TRIAGE_READ,
                P.TRIAGE_ACT,
                P.PARTICIPANTS_READ,
                P.IDENTIFIERS_READ,
                P.PARTICIPATION_ACT,
                P.INFUSIONS_ACT,
                P.MESSAGES_ACT,
                P.MESSAGES_READ,
                P.STUDY_READ,
            }
        ),
        Role.DATA_MANAGER: frozenset(
            {
                P.OWN_ACCOUNT,
                P.PARTICIPANTS_READ,
                P.QUERIES_ASK,
                P.MESSAGES_READ,
                P.STUDY_READ,
                P.DATA_EXPORT,
                P.ARMS_EXPORT,
                P.RULES_REPLAY,
                P.AUDIT_READ,
                P.DATA_LOCK,
                P.DATA_QUERIES_READ,
                P.DATA_QUERIES_RAISE,
            }
        ),
        Role.MONITOR: frozenset(
            {
                P.OWN_ACCOUNT,
                P.TRIAGE_READ,
                P.PARTICIPANTS_READ,
                P.STUDY_READ,
                P.AUDIT_READ,
                P.DATA_QUERIES_READ,
                P.DATA_QUERIES_RAISE,
            }
        ),
        Role.STATISTICIAN: frozenset({P.OWN_ACCOUNT, P.STUDY_READ, P.ALLOCATION_IMPORT}),
        Role.ADMINISTRATOR: frozenset({P.OWN_ACCOUNT, P.STAFF_MANAGE, P.ROTA_SET, P.STUDY_READ}),
        Role.SYSTEM: frozenset(),
    }
)
STAFF_ROLES = (
    Role.COORDINATOR,
    Role.INVESTIGATOR,
    Role.DATA_MANAGER,
    Role.MONITOR,
    Role.STATISTICIAN,
    Role.ADMINISTRATOR,
)


class ActorKind(StrEnum):
    """Who acts: a participant or somebody who answers for one, a member of the study team, or the portal itself."""

    ACCOUNT = "account"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting user. ``id`` is an account or staff id; ``sites`` are the site codes that staff may see.

    ``day_link``: the account acts in a session that a reminder's link has opened, for one day only.
    """

    kind: ActorKind
    role: Role
    id: int | None = None
    participant_id: int | None = None
    sites: frozenset[str] = frozenset()
    request_id: str | None = None
    day_link: bool = False


SYSTEM = Actor(kind=ActorKind.SYSTEM, role=Role.SYSTEM)


def is_allowed(actor: Actor, permission: Permission, *, site: str | None = None) -> bool:
    """Whether the role has the grant and, where a site is named, the actor belongs to it."""
    return permission in GRANTS[actor.role] and (site is None or site in actor.sites)


def require_permission(actor: Actor, permission: Permission, *, site: str | None = None) -> None:
    if not is_allowed(actor, permission, site=site):
        raise NotAllowed
