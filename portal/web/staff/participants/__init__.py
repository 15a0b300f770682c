"""Participants: the list, one participant, participation, identifiers, diaries."""

from portal.web.staff.participants import diary, identity, pages, participation, ward_diary

BLUEPRINTS = (
    pages.blueprint,
    participation.blueprint,
    identity.blueprint,
    diary.blueprint,
    ward_diary.blueprint,
)
