"""The study: protocol and assumptions, figures, replay."""

from portal.web.staff.study import figures, pages, replay

BLUEPRINTS = (
    pages.blueprint,
    figures.blueprint,
    replay.blueprint,
)
