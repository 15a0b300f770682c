"""Accounts of the study team: invitations, members, sessions, recovery codes, passwords."""

from portal.services.team.invitations import (
    INVITATION_GONE,
    Accepted,
    Invitation,
    Invited,
    accept_invitation,
    invite_staff,
    open_invitations,
    opened_invitation,
    renew_own,
    renew_staff,
    revoke_invitation,
)
from portal.services.team.members import (
    Changed,
    Member,
    MemberPage,
    Team,
    Wanted,
    change_member,
    change_password,
    member,
    team,
)
from portal.services.team.reauthentication import confirm_staff
from portal.services.team.recovery import codes_left, renew_codes
from portal.services.team.sessions import (
    SessionSeen,
    close_session,
    end_session,
    end_sessions,
    find_staff,
    note_confirmed,
    note_use,
    open_session,
    sessions_of,
)
from portal.services.team.signing_in import sign_in_staff
from portal.services.team.staff import NewStaff, create_staff
from portal.services.team.users import StaffUser

__all__ = [
    "INVITATION_GONE",
    "Accepted",
    "Changed",
    "Invitation",
    "Invited",
    "Member",
    "MemberPage",
    "NewStaff",
    "SessionSeen",
    "StaffUser",
    "Team",
    "Wanted",
    "accept_invitation",
    "change_member",
    "change_password",
    "close_session",
    "codes_left",
    "confirm_staff",
    "create_staff",
    "end_session",
    "end_sessions",
    "find_staff",
    "invite_staff",
    "member",
    "note_confirmed",
    "note_use",
    "open_invitations",
    "open_session",
    "opened_invitation",
    "renew_codes",
    "renew_own",
    "renew_staff",
    "revoke_invitation",
    "sessions_of",
    "sign_in_staff",
    "team",
]
