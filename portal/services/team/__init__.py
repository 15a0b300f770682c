"""Accounts of the study team: invitations, members, sessions, recovery codes, passwords."""

from portal.services.team.invitations import (
    INVITATION_GONE,
    AcceptedInvitation,
    Invitation,
    IssuedInvitation,
    accept_invitation,
    invite_staff,
    invite_staff_again,
    list_open_invitations,
    read_invitation,
    renew_own_access,
    revoke_invitation,
)
from portal.services.team.members import (
    AccountChange,
    Member,
    MemberChange,
    MemberPage,
    TeamPage,
    change_member,
    change_password,
    get_member,
    list_team,
)
from portal.services.team.reauthentication import confirm_staff
from portal.services.team.recovery import count_codes_left, renew_recovery_codes
from portal.services.team.sessions import (
    SessionView,
    close_session,
    end_session,
    end_sessions,
    find_staff,
    list_sessions,
    open_session,
    record_reauthentication,
    record_session_use,
)
from portal.services.team.signing_in import sign_in_staff
from portal.services.team.staff import NewStaff, create_staff
from portal.services.team.users import StaffUser

__all__ = [
    "INVITATION_GONE",
    "AcceptedInvitation",
    "AccountChange",
    "Invitation",
    "IssuedInvitation",
    "Member",
    "MemberChange",
    "MemberPage",
    "NewStaff",
    "SessionView",
    "StaffUser",
    "TeamPage",
    "accept_invitation",
    "change_member",
    "change_password",
    "close_session",
    "confirm_staff",
    "count_codes_left",
    "create_staff",
    "end_session",
    "end_sessions",
    "find_staff",
    "get_member",
    "invite_staff",
    "invite_staff_again",
    "list_open_invitations",
    "list_sessions",
    "list_team",
    "open_session",
    "read_invitation",
    "record_reauthentication",
    "record_session_use",
    "renew_own_access",
    "renew_recovery_codes",
    "revoke_invitation",
    "sign_in_staff",
]
