"""The inspection pack: everything about one participant as one archive, to be read without the portal."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from portal.domain.access import Actor, Permission, require_permission
from portal.domain.errors import Invalid, NotFound
from portal.domain.exports import SETTLED, ArmDisplay, ExportColumn, ExportFormat, ExportOrder
from portal.domain.msgid import N_
from portal.domain.questionnaire import answers_from_json
from portal.models.people import Participant
from portal.services import audit, photos
from portal.services.diary.forms import AnswerSection, answer_sections, form_by_name
from portal.services.exports import making
from portal.services.exports.audit import AUDIT, audit_file_rows
from portal.services.exports.dictionary import load_domains
from portal.services.exports.reading import ExportRow, ExportSubject, read_subjects
from portal.services.scope import check_sites, find_participant

A_MOMENT: Final = timedelta(seconds=1)
NO_SUCH_PARTICIPANT: Final = N_("There is no such participant at your sites.")


@dataclass(frozen=True, slots=True)
class InspectionPack:
    """What was asked for. ``order`` is of the participant's site; ``photographs``: with the pictures."""

    study_number: str
    order: ExportOrder
    photographs: bool


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One form. ``cells``: (label, value); ``said``: a report in words; ``history``: (at, who, why, what changed)."""

    key: str
    cells: tuple[tuple[str, str], ...]
    said: tuple[AnswerSection, ...]
    history: tuple[tuple[str, str, str, tuple[tuple[str, str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The forms of one domain."""

    name: str
    title: str
    rows: tuple[SheetRow, ...]


def request_pack(
    session: Session,
    *,
    actor: Actor,
    study_number: str,
    why: str,
    photographs: bool,
    identified: bool,
    password: str,
    code: str,
    now: datetime,
) -> InspectionPack | None:
    """Sign in once more and announce; None where password or code was wrong. ``Invalid`` for another site's
    participant, and for somebody registered within the last five minutes."""
    participant = _settled_participant(session, actor, study_number, now)
    participant_id, site = participant.id, participant.site
    if photographs:
        require_permission(actor, Permission.PHOTOS_VIEW, site=site)
    order = ExportOrder(
        cut_off_at=now - SETTLED - A_MOMENT,
        sites=(site,),
        formats=tuple(ExportFormat),
        arms=ArmDisplay.SHOWN,
        why=f"{why.strip()} (inspection pack {study_number})" if why.strip() else "",
        identified=identified,
    )
    signed = making.confirm_export(session, actor=actor, order=order, password=password, code=code, now=now)
    if not signed:
        return None
    if photographs:
        photos.record_photo_views(session, actor=actor, participant_id=participant_id, until=order.cut_off_at, now=now)
    audit.begin(session, actor=actor, action="pack:make", now=now, participant_id=participant_id, reason=why.strip())
    return InspectionPack(study_number, order, photographs)


def _settled_participant(session: Session, actor: Actor, study_number: str, now: datetime) -> Participant:
    try:
        participant = find_participant(session, actor, study_number)
    except NotFound:
        raise Invalid(problems={"study_number": NO_SUCH_PARTICIPANT}) from None
    if participant.created_at > now - SETTLED - A_MOMENT:
        raise Invalid(problems={"study_number": NO_SUCH_PARTICIPANT})
    return participant


def build_sheets(session: Session, *, actor: Actor, pack: InspectionPack, language: str) -> tuple[Sheet, ...]:
    """Every form of the participant with its history, as text, and the audit log as the last sheet."""
    check_sites(actor, *pack.order.sites)
    subject = next(read_subjects(session, pack.order, study_number=pack.study_number), None)
    if subject is None:
        raise NotFound
    return (*build_form_sheets(subject, pack.order, language=language), _trail(subject, pack.order, language))


def build_form_sheets(subject: ExportSubject, order: ExportOrder, *, language: str) -> tuple[Sheet, ...]:
    """The forms of one participant by domain; domains without any are left out."""
    found = (
        Sheet(domain.name, domain.words.in_(language), tuple(_row(row, language) for row in subject.of(domain.name)))
        for domain in order.of(load_domains())
    )
    return tuple(sheet for sheet in found if sheet.rows)


def _row(row: ExportRow, language: str) -> SheetRow:
    cells = tuple(
        (column.words.in_(language), cell)
        for column in row.domain.columns
        if not _is_said(row, column) and (cell := column.cell(row.values)) is not None
    )
    return SheetRow(row.key, cells, _said(row, language), tuple(_history(row, language)))


def _is_said(row: ExportRow, column: ExportColumn) -> bool:
    """Answers of a diary stand in words."""
    return row.domain.name == "diary" and column.source[0] in ("answers", "free_text")


def _said(row: ExportRow, language: str) -> tuple[AnswerSection, ...]:
    if row.domain.name != "diary":
        return ()
    form = form_by_name(row.values["questionnaire"])
    answers = {**answers_from_json(form, row.values["answers"]), **(row.values.get("free_text") or {})}
    return answer_sections(form, answers, language=language)


def _history(row: ExportRow, language: str) -> Iterator[tuple[str, str, str, tuple[tuple[str, str, str], ...]]]:
    if row.made is not None:
        yield row.made.at.isoformat(), row.made.actor, row.made.action, ()
    before = row.first
    for step in row.steps:
        changes = tuple(
            (column.words.in_(language), column.cell(before) or "", column.cell(step.values) or "")
            for column in row.domain.columns
            if column.cell(before) != column.cell(step.values)
        )
        yield step.entry.at.isoformat(), step.entry.actor, step.entry.action, changes
        before = step.values


def _trail(subject: ExportSubject, order: ExportOrder, language: str) -> Sheet:
    rows = tuple(
        SheetRow(
            values["key"],
            tuple((column.words.in_(language), column.cell(values) or "") for column in AUDIT.columns),
            (),
            (),
        )
        for entry in subject.trail
        for values in audit_file_rows(entry, order)
    )
    return Sheet(AUDIT.name, AUDIT.words.in_(language), rows)


def write_pack(
    session: Session,
    *,
    pack: InspectionPack,
    actor: Actor,
    pages: Sequence[tuple[str, str]],
    pictures: Path,
    folder: Path,
    now: datetime,
) -> making.ExportResult:
    """``folder/pack.zip``: the pages, the raw data as an export of its own, and photographs where asked for."""
    check_sites(actor, *pack.order.sites)
    raw = making.write_export(
        session, order=pack.order, actor=actor, folder=folder, now=now, study_number=pack.study_number
    )  # fmt: skip
    path, digests = folder / "pack.zip", {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _contents(session, pack, pages, raw.path, pictures):
            archive.writestr(zipfile.ZipInfo(name, making.EPOCH), content, zipfile.ZIP_DEFLATED)
            digests[name] = hashlib.sha256(content).hexdigest()
        archive.writestr("manifest.json", json.dumps({"study_number": pack.study_number, "files": digests}, indent=2))
    raw.path.unlink()
    return making.ExportResult(path, raw.digest, raw.participants, raw.manifest)


def _contents(
    session: Session, pack: InspectionPack, pages: Sequence[tuple[str, str]], raw: Path, pictures: Path
) -> Iterator[tuple[str, bytes]]:
    for name, page in pages:
        yield name, page.encode()
    yield "raw.zip", raw.read_bytes()
    if pack.photographs:
        taken = photos.list_participant_photos(
            session, study_number=pack.study_number, folder=pictures, until=pack.order.cut_off_at
        )
        for photo_id, jpeg in taken:
            yield f"photographs/{photo_id}.jpg", jpeg
