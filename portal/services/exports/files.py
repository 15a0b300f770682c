"""The files of an export, one writer a format; each takes one participant after the other."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TextIO

from portal import questionnaires
from portal.adapters import fhir, odm
from portal.adapters.tabular import CsvTable
from portal.domain.exports import ExportDomain, ExportOrder
from portal.domain.participation import ParticipationStatus
from portal.domain.questionnaire import answers_from_json
from portal.services.diary.forms import form_by_name
from portal.services.exports.audit import AUDIT, AuditEntry, audit_file_rows
from portal.services.exports.reading import ExportRow, ExportSubject

RESOURCES = ("Patient", "Questionnaire", "QuestionnaireResponse", "Observation", "Provenance")
ORGANS = ("skin", "liver", "upper_gi", "lower_gi")


class ExportWriter(Protocol):
    """``counts``: rows or resources by file name."""

    def add(self, subject: ExportSubject) -> None: ...
    def close(self) -> dict[str, int]: ...


class CsvFiles:
    """One file per domain, and the audit log where the arms may be seen."""

    def __init__(self, folder: Path, order: ExportOrder, domains: Sequence[ExportDomain]) -> None:
        self._order = order
        shown = (*domains, AUDIT) if not order.blind else domains
        self._tables = {one.name: CsvTable(folder / f"{one.name}.csv", one, bom=order.bom) for one in shown}

    def add(self, subject: ExportSubject) -> None:
        for row in subject.rows:
            self._tables[row.domain.name].add(subject.study_number, row.key, row.values)
        for entry in subject.trail:
            self.entry(subject.study_number, entry)

    def entry(self, study_number: str, entry: AuditEntry) -> None:
        table = self._tables.get(AUDIT.name)
        for values in audit_file_rows(entry, self._order) if table else ():
            table.add(study_number, values["key"], values)  # type: ignore[union-attr]

    def close(self) -> dict[str, int]:
        for table in self._tables.values():
            table.close()
        return {f"{name}.csv": table.rows for name, table in self._tables.items()}


class FhirFiles:
    """NDJSON, a file a resource type. Reports and assessments in their newest version only."""

    def __init__(self, folder: Path, order: ExportOrder) -> None:
        self._order = order
        self._files: dict[str, TextIO] = {kind: (folder / f"{kind}.ndjson").open("w", encoding="utf-8")
                                          for kind in RESOURCES}  # fmt: skip
        self._counts = dict.fromkeys(RESOURCES, 0)
        for name, version in questionnaires.list_released():
            if not (order.blind and name == questionnaires.POST_INFUSION):
                self._write(questionnaires.load_resource(name, version))

    def add(self, subject: ExportSubject) -> None:
        for resource in build_fhir_resources(subject, self._order):
            self._write(resource)

    def _write(self, resource: fhir.Resource) -> None:
        kind = resource["resourceType"]
        self._files[kind].write(fhir.ndjson_line(resource))
        self._counts[kind] += 1

    def close(self) -> dict[str, int]:
        for file in self._files.values():
            file.close()
        return {f"{kind}.ndjson": count for kind, count in self._counts.items()}


def build_fhir_resources(subject: ExportSubject, order: ExportOrder) -> Iterator[fhir.Resource]:
    """Everything about one participant."""
    person = subject.of("participant")[0]
    yield fhir.patient_resource(subject.study_number, active=person.values["status"] == ParticipationStatus.ACTIVE)
    for row in subject.of("diary"):
        if row.values["superseded_at"] is None:
            yield from _responses(subject, row, order)
            yield from _temperature(subject, row)
    for row in subject.of("lab"):
        yield _measured(subject, row)
    yield from _assessments(subject)


def _responses(subject: ExportSubject, row: ExportRow, order: ExportOrder) -> Iterator[fhir.Resource]:
    values = row.values
    answers = {**answers_from_json(form_by_name(values["questionnaire"]), values["answers"])}
    answers |= (values.get("free_text") or {}) if order.identified else {}
    for source in values["questionnaire"].split():
        name, version = source.rsplit(".v", 1)
        if order.blind and name == questionnaires.POST_INFUSION:
            continue
        about = fhir.ResponseContext(
            identifier=f"{row.key}:{name}",
            subject=subject.study_number,
            source=values["answered_by"],
            authored_at=values["entered_at"],
            language=values["language"],
            amended=values["version"] > 1,
        )
        found = fhir.questionnaire_response(questionnaires.load_questionnaire(name, int(version)), answers, about=about)
        yield {**found, "id": f"diary-{row.key}-{name}"}


def _temperature(subject: ExportSubject, row: ExportRow) -> Iterator[fhir.Resource]:
    """What the participant has measured, beside the response that tells it."""
    value = row.values["answers"].get("temperature")
    if value is not None:
        name = row.values["questionnaire"].split()[0].rsplit(".v", 1)[0]
        yield fhir.observation_resource(
            subject.study_number,
            f"diary-{row.key}-temperature",
            loinc="8310-5",
            words="temperature",
            value=Decimal(value),
            unit="Cel",
            at=row.values["entered_at"],
            source=f"QuestionnaireResponse/diary-{row.key}-{name}",
        )


def _measured(subject: ExportSubject, row: ExportRow) -> fhir.Resource:
    values = row.values
    return fhir.observation_resource(
        subject.study_number,
        f"lab-{row.key}",
        loinc=values["code"],
        words=values["kind"],
        value=values["value"],
        unit=values["unit"],
        at=values["measured_at"],
        voided=values["voided_at"] is not None,
    )


def _assessments(subject: ExportSubject) -> Iterator[fhir.Resource]:
    signed = {str(one.values["assessment_id"]): one for one in subject.of("signature")}
    newest = {row.values["number"]: row for row in sorted(subject.of("assessment"), key=lambda one: int(one.key))}
    for row in newest.values():
        values, mark = row.values, signed.get(row.key)
        yield fhir.assessment_resource(
            subject.study_number,
            f"assessment-{row.key}",
            stages={organ: values[organ] for organ in ORGANS},
            grade=values["grade"],
            at_least=values["at_least"],
            on=values["assessed_on"],
            signed=mark is not None,
            version=values["version"],
        )
        if mark is not None:
            yield fhir.provenance_resource(
                f"Observation/assessment-{row.key}",
                f"signature-{mark.key}",
                who=f"staff-{mark.values['staff_id']}",
                at=mark.values["signed_at"],
                meaning=mark.values["meaning"],
                content_hash=mark.values["content_hash"],
            )


class OdmFile:
    """One file with everybody's data, history and signatures."""

    def __init__(self, folder: Path, order: ExportOrder, domains: Sequence[ExportDomain], head: odm.OdmHeader) -> None:
        self._order = order
        self._document = odm.OdmDocument(folder / "odm.xml", head, domains)
        self._transactions = 0

    def add(self, subject: ExportSubject) -> None:
        found = list(build_odm_transactions(subject, self._order))
        self._transactions += len(found)
        self._document.add(subject.study_number, subject.site, found)

    def close(self) -> dict[str, int]:
        self._document.close()
        return {"odm.xml": self._transactions}


def build_odm_transactions(subject: ExportSubject, order: ExportOrder) -> Iterator[odm.OdmTransaction]:
    """Every row as it was inserted, then the changes of each later audit event."""
    signed = {str(row.values["assessment_id"]): row for row in subject.of("signature")}
    for row in subject.rows:
        mark = signed.get(row.key) if row.domain.name == "assessment" else None
        cells = odm.inserted_cells(row.domain, row.first)
        yield odm.OdmTransaction(row.domain, row.key, cells, _record(row.made, order), signed=_signed(mark))
        before = row.first
        for step in row.steps:
            cells = odm.changed_cells(row.domain, before, step.values)
            if cells:
                yield odm.OdmTransaction(row.domain, row.key, cells, _record(step.entry, order), update=True)
            before = step.values


def _record(entry: AuditEntry | None, order: ExportOrder) -> odm.OdmAuditRecord | None:
    if entry is None:
        return None
    return odm.OdmAuditRecord(entry.actor, entry.at, entry.reason if order.identified else None)


def _signed(row: ExportRow | None) -> odm.OdmSignature | None:
    if row is None:
        return None
    values = row.values
    return odm.OdmSignature(f"SIGN.{row.key}", f"staff-{values['staff_id']}", values["signed_at"], values["meaning"])
