"""The files of an export, one writer a format; each takes one participant after the other."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TextIO

from portal import questionnaires
from portal.adapters import fhir, odm
from portal.adapters.tabular import Table
from portal.domain.exports import Domain, Order
from portal.domain.participation import ParticipationStatus
from portal.domain.questionnaire import from_json
from portal.services.diary.forms import form_named
from portal.services.exports.audit import AUDIT, Entry, lines
from portal.services.exports.reading import ReadRow, Subject

RESOURCES = ("Patient", "Questionnaire", "QuestionnaireResponse", "Observation", "Provenance")
ORGANS = ("skin", "liver", "upper_gi", "lower_gi")


class Writer(Protocol):
    """``counts``: rows or resources by file name."""

    def add(self, subject: Subject) -> None: ...
    def close(self) -> dict[str, int]: ...


class CsvFiles:
    """A file a domain, and the trail where the arms may be seen."""

    def __init__(self, folder: Path, order: Order, domains: Sequence[Domain]) -> None:
        self._order = order
        shown = (*domains, AUDIT) if not order.blind else domains
        self._tables = {one.name: Table(folder / f"{one.name}.csv", one, bom=order.bom) for one in shown}

    def add(self, subject: Subject) -> None:
        for row in subject.rows:
            self._tables[row.domain.name].add(subject.study_number, row.key, row.values)
        for entry in subject.trail:
            self.entry(subject.study_number, entry)

    def entry(self, study_number: str, entry: Entry) -> None:
        table = self._tables.get(AUDIT.name)
        for values in lines(entry, self._order) if table else ():
            table.add(study_number, values["key"], values)  # type: ignore[union-attr]

    def close(self) -> dict[str, int]:
        for table in self._tables.values():
            table.close()
        return {f"{name}.csv": table.rows for name, table in self._tables.items()}


class FhirFiles:
    """NDJSON, a file a resource type. Reports and assessments in their newest version only."""

    def __init__(self, folder: Path, order: Order) -> None:
        self._order = order
        self._files: dict[str, TextIO] = {kind: (folder / f"{kind}.ndjson").open("w", encoding="utf-8")
                                          for kind in RESOURCES}  # fmt: skip
        self._counts = dict.fromkeys(RESOURCES, 0)
        for name, version in questionnaires.released():
            if not (order.blind and name == questionnaires.POST_INFUSION):
                self._write(questionnaires.resource(name, version))

    def add(self, subject: Subject) -> None:
        for resource in resources(subject, self._order):
            self._write(resource)

    def _write(self, resource: fhir.Resource) -> None:
        kind = resource["resourceType"]
        self._files[kind].write(fhir.line(resource))
        self._counts[kind] += 1

    def close(self) -> dict[str, int]:
        for file in self._files.values():
            file.close()
        return {f"{kind}.ndjson": count for kind, count in self._counts.items()}


def resources(subject: Subject, order: Order) -> Iterator[fhir.Resource]:
    """Everything about one participant."""
    person = subject.of("participant")[0]
    yield fhir.patient(subject.study_number, active=person.values["status"] == ParticipationStatus.ACTIVE)
    for row in subject.of("diary"):
        if row.values["superseded_at"] is None:
            yield from _responses(subject, row, order)
            yield from _temperature(subject, row)
    for row in subject.of("lab"):
        yield _measured(subject, row)
    yield from _assessments(subject)


def _responses(subject: Subject, row: ReadRow, order: Order) -> Iterator[fhir.Resource]:
    values = row.values
    answers = {**from_json(form_named(values["questionnaire"]), values["answers"])}
    answers |= (values.get("texts") or {}) if order.identified else {}
    for source in values["questionnaire"].split():
        name, version = source.rsplit(".v", 1)
        if order.blind and name == questionnaires.POST_INFUSION:
            continue
        about = fhir.Answered(
            identifier=f"{row.key}:{name}",
            subject=subject.study_number,
            source=values["answered_by"],
            authored_at=values["entered_at"],
            language=values["language"],
            amended=values["version"] > 1,
        )
        found = fhir.questionnaire_response(questionnaires.load(name, int(version)), answers, about=about)
        yield {**found, "id": f"diary-{row.key}-{name}"}


def _temperature(subject: Subject, row: ReadRow) -> Iterator[fhir.Resource]:
    """What the participant has measured, beside the response that tells it."""
    value = row.values["answers"].get("temperature")
    if value is not None:
        name = row.values["questionnaire"].split()[0].rsplit(".v", 1)[0]
        yield fhir.measured(
            subject.study_number,
            f"diary-{row.key}-temperature",
            loinc="8310-5",
            words="temperature",
            value=Decimal(value),
            unit="Cel",
            at=row.values["entered_at"],
            source=f"QuestionnaireResponse/diary-{row.key}-{name}",
        )


def _measured(subject: Subject, row: ReadRow) -> fhir.Resource:
    values = row.values
    return fhir.measured(
        subject.study_number,
        f"lab-{row.key}",
        loinc=values["code"],
        words=values["kind"],
        value=values["value"],
        unit=values["unit"],
        at=values["measured_at"],
        voided=values["voided_at"] is not None,
    )


def _assessments(subject: Subject) -> Iterator[fhir.Resource]:
    signed = {str(one.values["assessment_id"]): one for one in subject.of("signature")}
    newest = {row.values["number"]: row for row in sorted(subject.of("assessment"), key=lambda one: int(one.key))}
    for row in newest.values():
        values, mark = row.values, signed.get(row.key)
        yield fhir.staged(
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
            yield fhir.signature(
                f"Observation/assessment-{row.key}",
                f"signature-{mark.key}",
                who=f"staff-{mark.values['staff_id']}",
                at=mark.values["signed_at"],
                meaning=mark.values["meaning"],
                content_hash=mark.values["content_hash"],
            )


class OdmFile:
    """One file with everybody's data, history and signatures."""

    def __init__(self, folder: Path, order: Order, domains: Sequence[Domain], head: odm.Head) -> None:
        self._order = order
        self._document = odm.Document(folder / "odm.xml", head, domains)
        self._transactions = 0

    def add(self, subject: Subject) -> None:
        found = list(transactions(subject, self._order))
        self._transactions += len(found)
        self._document.add(subject.study_number, subject.site, found)

    def close(self) -> dict[str, int]:
        self._document.close()
        return {"odm.xml": self._transactions}


def transactions(subject: Subject, order: Order) -> Iterator[odm.Transaction]:
    """Every row as it was inserted, then what each later act changed in it."""
    signed = {str(row.values["assessment_id"]): row for row in subject.of("signature")}
    for row in subject.rows:
        mark = signed.get(row.key) if row.domain.name == "assessment" else None
        cells = odm.inserted(row.domain, row.first)
        yield odm.Transaction(row.domain, row.key, cells, _record(row.made, order), signed=_signed(mark))
        before = row.first
        for step in row.steps:
            cells = odm.changed(row.domain, before, step.values)
            if cells:
                yield odm.Transaction(row.domain, row.key, cells, _record(step.entry, order), update=True)
            before = step.values


def _record(entry: Entry | None, order: Order) -> odm.Record | None:
    if entry is None:
        return None
    return odm.Record(entry.actor, entry.at, entry.reason if order.identified else None)


def _signed(row: ReadRow | None) -> odm.Signed | None:
    if row is None:
        return None
    values = row.values
    return odm.Signed(f"SIGN.{row.key}", f"staff-{values['staff_id']}", values["signed_at"], values["meaning"])
