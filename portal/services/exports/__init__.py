"""Data out: CSV, FHIR and ODM as of a cut-off, each export recorded and described by a manifest."""

from portal.services.exports.audit import AUDIT
from portal.services.exports.dictionary import load_domains
from portal.services.exports.making import ExportResult, announce_export, confirm_export, record_export, write_export
from portal.services.exports.packing import (
    InspectionPack,
    Sheet,
    SheetRow,
    build_form_sheets,
    build_sheets,
    request_pack,
    write_pack,
)
from portal.services.exports.reading import ExportRow, ExportSubject, read_subjects

__all__ = [
    "AUDIT",
    "ExportResult",
    "ExportRow",
    "ExportSubject",
    "InspectionPack",
    "Sheet",
    "SheetRow",
    "announce_export",
    "build_form_sheets",
    "build_sheets",
    "confirm_export",
    "load_domains",
    "read_subjects",
    "record_export",
    "request_pack",
    "write_export",
    "write_pack",
]
