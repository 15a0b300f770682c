"""Messages: the ledger, one participant's contact settings, and the wording."""

from portal.web.staff.messages import contact_settings, pages, wording

BLUEPRINTS = (
    pages.blueprint,
    contact_settings.blueprint,
    wording.blueprint,
)
