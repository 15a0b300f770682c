"""Screening, allocation of participants, and the sealed allocation lists."""

from portal.web.staff.screening import allocating, allocation_lists, pages

BLUEPRINTS = (
    pages.blueprint,
    allocating.blueprint,
    allocation_lists.blueprint,
)
