"""The study team's main links: each member sees those whose pages the role may open."""

from typing import Any, Final, NamedTuple

from flask import url_for
from flask_babel import lazy_gettext as _l

from portal.domain.access import Permission, is_allowed
from portal.web import guards


class NavigationLink(NamedTuple):
    """``name`` is what a page sets as ``current``; ``icon`` a name of components/icon.html."""

    name: str
    endpoint: str
    permission: Permission
    words: Any
    icon: str


LINKS: Final = (
    NavigationLink("triage", "staff_triage.show_triage_list", Permission.TRIAGE_READ, _l("Triage"), "alert"),
    NavigationLink(
        "participants",
        "staff_participants.list_participants",
        Permission.PARTICIPANTS_READ,
        _l("Participants"),
        "people",
    ),
    NavigationLink("infusions", "staff_infusions.list_due", Permission.PARTICIPANTS_READ, _l("Infusions"), "calendar"),
    NavigationLink("screening", "staff_screening.list_screenings", Permission.ENROL, _l("Screening"), "screening"),
    NavigationLink("messages", "staff_messages.list_messages", Permission.MESSAGES_READ, _l("Messages"), "message"),
    NavigationLink(
        "allocation",
        "staff_allocation.list_allocation_lists",
        Permission.ALLOCATION_IMPORT,
        _l("Allocation lists"),
        "sealed",
    ),
    NavigationLink("team", "staff_people.list_members", Permission.STAFF_MANAGE, _l("People"), "people"),
    NavigationLink("study", "staff_study.show_protocol", Permission.STUDY_READ, _l("Study"), "study"),
)


def navigation_links() -> list[tuple[str, str, str, str]]:
    """Name, address, words and icon. For templates of a signed-in member."""
    actor = guards.current_actor()
    return [
        (one.name, url_for(one.endpoint), str(one.words), one.icon)
        for one in LINKS
        if is_allowed(actor, one.permission)
    ]
