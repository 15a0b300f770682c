"""Data out: CSV, FHIR and ODM as of a cut-off, each export recorded and described by a manifest."""

from portal.services.exports.audit import AUDIT
from portal.services.exports.dictionary import domains
from portal.services.exports.making import Made, announce, confirm, make, record
from portal.services.exports.packing import Pack, Sheet, SheetRow, ask_pack, forms_of, sheets, write_pack
from portal.services.exports.reading import ReadRow, Subject, subjects

__all__ = [
    "AUDIT",
    "Made",
    "Pack",
    "ReadRow",
    "Sheet",
    "SheetRow",
    "Subject",
    "announce",
    "ask_pack",
    "confirm",
    "domains",
    "forms_of",
    "make",
    "record",
    "sheets",
    "subjects",
    "write_pack",
]
