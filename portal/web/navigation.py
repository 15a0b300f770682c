"""The study team's main links: each member sees those whose pages the role may open."""

from typing import Any, Final, NamedTuple

from flask import url_for
from flask_babel import lazy_gettext as _l

from portal.domain.access import Permission, is_allowed
from portal.web import guards


class Link(NamedTuple):
    """``name`` is what a page sets as ``current``; ``icon`` a name of components/icon.html."""

    name: str
    endpoint: str
    permission: Permission
    words: Any
    icon: str


LINKS: Final = (
    Link("triage", "staff_triage.index", Permission.TRIAGE_READ, _l("Triage"), "alert"),
    Link("participants", "staff_participants.index", Permission.PARTICIPANTS_READ, _l("Participants"), "people"),
    Link("infusions", "staff_infusions.index", Permission.PARTICIPANTS_READ, _l("Infusions"), "calendar"),
    Link("screening", "staff_screening.index", Permission.ENROL, _l("Screening"), "screening"),
    Link("messages", "staff_messages.index", Permission.MESSAGES_READ, _l("Texts"), "message"),
    Link("allocation", "staff_allocation.index", Permission.ALLOCATION_IMPORT, _l("Allocation lists"), "sealed"),
    Link("team", "staff_people.index", Permission.STAFF_MANAGE, _l("People"), "people"),
    Link("study", "staff_study.page", Permission.STUDY_READ, _l("Study"), "study"),
)


def links() -> list[tuple[str, str, str, str]]:
    """Name, address, words and icon. For templates of a signed-in member."""
    actor = guards.actor()
    return [
        (one.name, url_for(one.endpoint), str(one.words), one.icon)
        for one in LINKS
        if is_allowed(actor, one.permission)
    ]
