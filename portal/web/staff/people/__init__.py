"""The study team: members, invitations, one's own account, sign-in, the rota."""

from portal.web.staff.people import account, invitations, members, reauthentication, rota, sign_in

BLUEPRINTS = (
    members.blueprint,
    invitations.blueprint,
    account.blueprint,
    sign_in.blueprint,
    reauthentication.blueprint,
    rota.blueprint,
)
