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

from portal.domain.access import Actor, Permission, check_can
from portal.domain.errors import Invalid, NotFound
from portal.domain.exports import SETTLED, Arms, Column, Format, Order
from portal.domain.msgid import N_
from portal.domain.questionnaire import from_json
from portal.models.people import Participant
from portal.services import audit, photos
from portal.services.diary.forms import Section, form_named, sections
from portal.services.exports import making
from portal.services.exports.audit import AUDIT, lines
from portal.services.exports.dictionary import domains
from portal.services.exports.reading import ReadRow, Subject, subjects
from portal.services.scope import check_sites, find_participant

A_MOMENT: Final = timedelta(seconds=1)
NO_SUCH_PARTICIPANT: Final = N_("There is no such participant at your sites.")


@dataclass(frozen=True, slots=True)
class Pack:
    """What was asked for. ``order`` is of the participant's site; ``photographs``: with the pictures."""

    study_number: str
    order: Order
    photographs: bool


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One form. ``cells``: (label, value); ``said``: a report in words; ``history``: (at, who, why, what changed)."""

    key: str
    cells: tuple[tuple[str, str], ...]
    said: tuple[Section, ...]
    history: tuple[tuple[str, str, str, tuple[tuple[str, str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The forms of one domain."""

    name: str
    title: str
    rows: tuple[SheetRow, ...]


def ask_pack(
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
) -> Pack | None:
    """Sign in once more and announce; None where password or code was wrong. ``Invalid`` for another site's
    participant, and for somebody registered within the last five minutes."""
    participant = _settled_participant(session, actor, study_number, now)
    participant_id, site = participant.id, participant.site
    if photographs:
        check_can(actor, Permission.PHOTOS_VIEW, site=site)
    order = Order(
        cut_off_at=now - SETTLED - A_MOMENT,
        sites=(site,),
        formats=tuple(Format),
        arms=Arms.SHOWN,
        why=f"{why.strip()} (inspection pack {study_number})" if why.strip() else "",
        identified=identified,
    )
    signed = making.confirm(session, actor=actor, order=order, password=password, code=code, now=now)
    if not signed:
        return None
    if photographs:
        photos.record_looks(session, actor=actor, participant_id=participant_id, until=order.cut_off_at, now=now)
    audit.act(session, actor=actor, action="pack:make", now=now, participant_id=participant_id, reason=why.strip())
    return Pack(study_number, order, photographs)


def _settled_participant(session: Session, actor: Actor, study_number: str, now: datetime) -> Participant:
    try:
        participant = find_participant(session, actor, study_number)
    except NotFound:
        raise Invalid(problems={"study_number": NO_SUCH_PARTICIPANT}) from None
    if participant.created_at > now - SETTLED - A_MOMENT:
        raise Invalid(problems={"study_number": NO_SUCH_PARTICIPANT})
    return participant


def sheets(session: Session, *, actor: Actor, pack: Pack, language: str) -> tuple[Sheet, ...]:
    """Every form of the participant with its history, in words, and the trail as the last sheet."""
    check_sites(actor, *pack.order.sites)
    subject = next(subjects(session, pack.order, study_number=pack.study_number), None)
    if subject is None:
        raise NotFound
    return (*forms_of(subject, pack.order, language=language), _trail(subject, pack.order, language))


def forms_of(subject: Subject, order: Order, *, language: str) -> tuple[Sheet, ...]:
    """The forms of one participant by domain; domains without any are left out."""
    found = (
        Sheet(domain.name, domain.words.in_(language), tuple(_row(row, language) for row in subject.of(domain.name)))
        for domain in order.of(domains())
    )
    return tuple(sheet for sheet in found if sheet.rows)


def _row(row: ReadRow, language: str) -> SheetRow:
    cells = tuple(
        (column.words.in_(language), cell)
        for column in row.domain.columns
        if not _is_said(row, column) and (cell := column.cell(row.values)) is not None
    )
    return SheetRow(row.key, cells, _said(row, language), tuple(_history(row, language)))


def _is_said(row: ReadRow, column: Column) -> bool:
    """Answers of a diary stand in words."""
    return row.domain.name == "diary" and column.source[0] in ("answers", "texts")


def _said(row: ReadRow, language: str) -> tuple[Section, ...]:
    if row.domain.name != "diary":
        return ()
    form = form_named(row.values["questionnaire"])
    answers = {**from_json(form, row.values["answers"]), **(row.values.get("texts") or {})}
    return sections(form, answers, language=language)


def _history(row: ReadRow, language: str) -> Iterator[tuple[str, str, str, tuple[tuple[str, str, str], ...]]]:
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


def _trail(subject: Subject, order: Order, language: str) -> Sheet:
    rows = tuple(
        SheetRow(
            values["key"],
            tuple((column.words.in_(language), column.cell(values) or "") for column in AUDIT.columns),
            (),
            (),
        )
        for entry in subject.trail
        for values in lines(entry, order)
    )
    return Sheet(AUDIT.name, AUDIT.words.in_(language), rows)


def write_pack(
    session: Session,
    *,
    pack: Pack,
    actor: Actor,
    pages: Sequence[tuple[str, str]],
    pictures: Path,
    folder: Path,
    now: datetime,
) -> making.Made:
    """``folder/pack.zip``: the pages, the raw data as an export of its own, and photographs where asked for."""
    check_sites(actor, *pack.order.sites)
    raw = making.make(
        session, order=pack.order, actor=actor, folder=folder, now=now, study_number=pack.study_number
    )  # fmt: skip
    path, digests = folder / "pack.zip", {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _contents(session, pack, pages, raw.path, pictures):
            archive.writestr(zipfile.ZipInfo(name, making.EPOCH), content, zipfile.ZIP_DEFLATED)
            digests[name] = hashlib.sha256(content).hexdigest()
        archive.writestr("manifest.json", json.dumps({"study_number": pack.study_number, "files": digests}, indent=2))
    raw.path.unlink()
    return making.Made(path, raw.digest, raw.participants, raw.manifest)


def _contents(
    session: Session, pack: Pack, pages: Sequence[tuple[str, str]], raw: Path, pictures: Path
) -> Iterator[tuple[str, bytes]]:
    for name, page in pages:
        yield name, page.encode()
    yield "raw.zip", raw.read_bytes()
    if pack.photographs:
        taken = photos.of_participant(
            session, study_number=pack.study_number, folder=pictures, until=pack.order.cut_off_at
        )
        for photo_id, jpeg in taken:
            yield f"photographs/{photo_id}.jpg", jpeg
