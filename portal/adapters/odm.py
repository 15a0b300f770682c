"""CDISC ODM-XML 1.3.2, written as a stream: metadata, then each subject's data with its history and signatures.

The file is ``Transactional``: a form is inserted as first stored and updated by each later change, each with the
AuditRecord of its audit event. Applying the transactions in order gives the data at the cut-off.
https://www.cdisc.org/standards/data-exchange/odm
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import XMLGenerator

from portal.domain.exports import ExportColumn, ExportDomain, Values

NAMESPACE: Final = "http://www.cdisc.org/ns/odm/v1.3"
EVENT: Final = "SE.FOLLOW-UP"
DATA_TYPES: Final = {
    "integer": "integer",
    "decimal": "float",
    "boolean": "boolean",
    "date": "date",
    "instant": "datetime",
}
# XML 1.0 has no place for these; a free text could hold them.
UNSAYABLE: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "\ufffd")


@dataclass(frozen=True, slots=True)
class OdmUser:
    """A user: ``staff-3``, and whether as an investigator."""

    oid: str
    investigator: bool = False


@dataclass(frozen=True, slots=True)
class OdmHeader:
    """About the file. ``meanings``: of signatures. Nothing in it depends on when the file was made."""

    file_oid: str
    as_of_at: datetime
    study: str
    title: str
    summary: str
    version: str
    sites: Sequence[tuple[str, str]]
    people: Sequence[OdmUser]
    meanings: Sequence[str]


@dataclass(frozen=True, slots=True)
class OdmAuditRecord:
    """Who did it, when and why."""

    who: str
    at: datetime
    why: str | None


@dataclass(frozen=True, slots=True)
class OdmSignature:
    oid: str
    who: str
    at: datetime
    meaning: str


@dataclass(frozen=True, slots=True)
class OdmTransaction:
    """A form as it was inserted, or the columns of it that an update changed (with None where a value went)."""

    domain: ExportDomain
    key: str
    cells: Sequence[tuple[ExportColumn, str | None]]
    record: OdmAuditRecord | None
    update: bool = False
    signed: OdmSignature | None = None


def inserted_cells(domain: ExportDomain, values: Values) -> Sequence[tuple[ExportColumn, str | None]]:
    """Every column that has a value."""
    cells = ((column, column.cell(values)) for column in domain.columns)
    return [(column, cell) for column, cell in cells if cell is not None]


def changed_cells(domain: ExportDomain, before: Values, after: Values) -> Sequence[tuple[ExportColumn, str | None]]:
    """Every column that has another value now."""
    cells = ((column, column.cell(before), column.cell(after)) for column in domain.columns)
    return [(column, now) for column, earlier, now in cells if earlier != now]


class OdmDocument:
    """One ODM file. Open it with the domains that it holds, add the subjects in order, close it."""

    def __init__(self, path: Path, head: OdmHeader, domains: Sequence[ExportDomain]) -> None:
        self.subjects = 0
        self._head = head
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._xml = XMLGenerator(self._file, encoding="utf-8", short_empty_elements=True)
        self._xml.startDocument()
        self._open("ODM", _attributes(head))
        self._study(domains)
        self._admin()
        self._open("ClinicalData", {"StudyOID": head.study, "MetaDataVersionOID": _version(head)})

    def add(self, subject: str, site: str, transactions: Iterable[OdmTransaction]) -> None:
        """One participant. ``transactions`` in the order in which they are to be applied."""
        self.subjects += 1
        with self._element("SubjectData", SubjectKey=subject, TransactionType="Insert"):
            self._empty("SiteRef", LocationOID=f"L.{site}")
            with self._element("StudyEventData", StudyEventOID=EVENT, TransactionType="Insert"):
                for transaction in transactions:
                    self._form(transaction, site)

    def close(self) -> None:
        self._close("ClinicalData")
        self._close("ODM")
        self._xml.endDocument()
        self._file.close()

    def _form(self, one: OdmTransaction, site: str) -> None:
        kind = "Update" if one.update else "Insert"
        with self._element("FormData", FormOID=f"F.{one.domain.name}", FormRepeatKey=one.key, TransactionType=kind):
            if one.record is not None:
                with self._element("AuditRecord"):
                    self._act(one.record.who, site)
                    self._text("DateTimeStamp", _instant(one.record.at))
                    if one.record.why:
                        self._text("ReasonForChange", one.record.why)
            if one.signed is not None:
                with self._element("Signature", ID=one.signed.oid):
                    self._act(one.signed.who, site)
                    self._empty("SignatureRef", SignatureOID=f"SIG.{one.signed.meaning}")
                    self._text("DateTimeStamp", _instant(one.signed.at))
            with self._element("ItemGroupData", ItemGroupOID=f"IG.{one.domain.name}", TransactionType=kind):
                for column, cell in one.cells:
                    value = {"IsNull": "Yes"} if cell is None else {"Value": cell.translate(UNSAYABLE)}
                    self._empty("ItemData", ItemOID=_item(one.domain, column), TransactionType=kind, **value)

    def _act(self, who: str, site: str) -> None:
        self._empty("UserRef", UserOID=f"U.{who}")
        self._empty("LocationRef", LocationOID=f"L.{site}")

    def _study(self, domains: Sequence[ExportDomain]) -> None:
        head = self._head
        with self._element("Study", OID=head.study):
            with self._element("GlobalVariables"):
                self._text("StudyName", head.study)
                self._text("StudyDescription", head.summary)
                self._text("ProtocolName", head.title)
            with self._element("MetaDataVersion", OID=_version(head), Name=f"Protocol version {head.version}"):
                with self._element("Protocol"):
                    self._empty("StudyEventRef", StudyEventOID=EVENT, Mandatory="Yes")
                with self._element("StudyEventDef", OID=EVENT, Name="Follow-up", Repeating="No", Type="Common"):
                    for domain in domains:
                        self._empty("FormRef", FormOID=f"F.{domain.name}", Mandatory="No")
                for definition in (self._form_def, self._group_def, self._item_defs, self._code_lists):
                    for domain in domains:
                        definition(domain)

    def _form_def(self, domain: ExportDomain) -> None:
        with self._element("FormDef", OID=f"F.{domain.name}", Name=domain.words.en, Repeating="Yes"):
            self._empty("ItemGroupRef", ItemGroupOID=f"IG.{domain.name}", Mandatory="Yes")

    def _group_def(self, domain: ExportDomain) -> None:
        with self._element("ItemGroupDef", OID=f"IG.{domain.name}", Name=domain.words.en, Repeating="No"):
            for column in domain.columns:
                self._empty("ItemRef", ItemOID=_item(domain, column), Mandatory="No")

    def _item_defs(self, domain: ExportDomain) -> None:
        for column in domain.columns:
            kind = DATA_TYPES.get(column.kind, "text")
            size = {"text": {"Length": "4000"}, "integer": {"Length": "18"},
                    "float": {"Length": "18", "SignificantDigits": "2"}}.get(kind, {})  # fmt: skip
            with self._element("ItemDef", OID=_item(domain, column), Name=column.name, DataType=kind, **size):
                with self._element("Question"):
                    unit = f" ({column.unit})" if column.unit else ""
                    self._words(column.words.en + unit, column.words.zh + unit)
                if column.options and column.kind != "list":
                    self._empty("CodeListRef", CodeListOID=_codes(domain, column))

    def _code_lists(self, domain: ExportDomain) -> None:
        for column in (one for one in domain.columns if one.options and one.kind != "list"):
            kind = "integer" if column.kind == "integer" else "text"
            with self._element("CodeList", OID=_codes(domain, column), Name=column.name, DataType=kind):
                for option in column.options:
                    with self._element("CodeListItem", CodedValue=option.code), self._element("Decode"):
                        self._words(option.words.en, option.words.zh)

    def _words(self, english: str, chinese: str) -> None:
        for language, words in (("en", english), ("zh-CN", chinese)):
            self._text("TranslatedText", words, {"xml:lang": language})

    def _admin(self) -> None:
        head = self._head
        with self._element("AdminData", StudyOID=head.study):
            for person in head.people:
                self._empty("User", OID=f"U.{person.oid}", UserType="Investigator" if person.investigator else "Other")
            for code, name in head.sites:
                with self._element("Location", OID=f"L.{code}", Name=name, LocationType="Site"):
                    effective = head.as_of_at.date().isoformat()
                    self._empty("MetaDataVersionRef", StudyOID=head.study, MetaDataVersionOID=_version(head),
                                EffectiveDate=effective)  # fmt: skip
            for meaning in head.meanings:
                with self._element("SignatureDef", OID=f"SIG.{meaning}", Methodology="Electronic"):
                    self._text("Meaning", meaning)
                    self._text("LegalReason", "21 CFR 11.50")

    @contextmanager
    def _element(self, name: str, **attributes: str) -> Iterator[None]:
        self._open(name, attributes)
        yield
        self._close(name)

    def _empty(self, name: str, **attributes: str) -> None:
        with self._element(name, **attributes):
            pass

    def _text(self, name: str, words: str, attributes: Mapping[str, str] | None = None) -> None:
        self._xml.startElement(name, attributes or {})  # type: ignore[arg-type]
        self._xml.characters(words.translate(UNSAYABLE))
        self._close(name)

    def _open(self, name: str, attributes: Mapping[str, str]) -> None:
        self._xml.startElement(name, attributes)  # type: ignore[arg-type]
        if name in BREAKS:
            self._xml.ignorableWhitespace("\n")

    def _close(self, name: str) -> None:
        self._xml.endElement(name)
        if name in BREAKS:
            self._xml.ignorableWhitespace("\n")


# Elements that get a line of their own, so that the file can be read and compared line by line.
BREAKS: Final = frozenset(("ODM", "Study", "MetaDataVersion", "AdminData", "ClinicalData", "SubjectData", "FormData",
                           "ItemDef", "ItemGroupDef", "FormDef", "CodeList", "StudyEventDef"))  # fmt: skip


def _attributes(head: OdmHeader) -> Mapping[str, str]:
    at = _instant(head.as_of_at)
    return {
        "xmlns": NAMESPACE,
        "FileType": "Transactional",
        "FileOID": head.file_oid,
        "CreationDateTime": at,
        "AsOfDateTime": at,
        "ODMVersion": "1.3.2",
        "Granularity": "All",
        "SourceSystem": "iMSC portal",
    }


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _version(head: OdmHeader) -> str:
    return f"MDV.{head.version}"


def _item(domain: ExportDomain, column: ExportColumn) -> str:
    return f"I.{domain.name}.{column.name}"


def _codes(domain: ExportDomain, column: ExportColumn) -> str:
    return f"CL.{domain.name}.{column.name}"
