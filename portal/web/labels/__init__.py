"""Codes as words of a page, in the reader's language."""

from flask import Flask

from portal.web.labels import catalogues, dates


def init_app(app: Flask) -> None:
    catalogues.init_catalogues(app)
    dates.init_date_labels(app)
