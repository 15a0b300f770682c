"""An export from order to archive: asked for and recorded, written in one pass, described by its manifest."""

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import protocols, questionnaires
from portal.adapters import odm
from portal.domain.access import Actor, Role
from portal.domain.exports import ExportFormat, ExportOrder, check_order
from portal.domain.signing import SignatureMeaning
from portal.models.people import Account, Participant, Staff
from portal.services import audit, team
from portal.services.exports.audit import actor_label, list_study_entries
from portal.services.exports.dictionary import load_domains
from portal.services.exports.files import CsvFiles, ExportWriter, FhirFiles, OdmFile
from portal.services.exports.reading import read_subjects
from portal.services.scope import check_sites

CHUNK: Final = 1 << 20
EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # a ZIP's first instant: the archive does not tell when it was made
FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class ExportResult:
    """``digest``: SHA-256 over the data files, the same for every export of the same order."""

    path: Path
    digest: str
    participants: int
    manifest: Mapping[str, Any]


def confirm_export(
    session: Session, *, actor: Actor, order: ExportOrder, password: str, code: str, now: datetime
) -> bool:  # fmt: skip
    """Sign in once more, then announce; False where password or code was wrong or used before."""
    check_order(order, actor=actor, now=now)
    name = team.confirm_staff(
        session, actor=actor, password=password, code=code, action="export:confirm", now=now
    )  # fmt: skip
    if name is None:
        return False
    announce_export(session, actor=actor, order=order, now=now)
    return True


def announce_export(session: Session, *, actor: Actor, order: ExportOrder, now: datetime) -> None:
    """Record the export in the audit log before any read. Invalid by field, NotAllowed beyond the role's grants."""
    check_order(order, actor=actor, now=now)
    audit.begin(session, actor=actor, action="export:make", now=now, reason=f"{order.why.strip()} [{_said(order)}]")


def record_export(session: Session, *, actor: Actor, made: ExportResult, now: datetime) -> None:
    """That it was made, with what it came to."""
    words = f"sha256 {made.digest}, {made.participants} participants"
    audit.begin(session, actor=actor, action="export:made", now=now, reason=words)


def _said(order: ExportOrder) -> str:
    kind = "identified" if order.identified else "pseudonymous"
    formats, sites = ",".join(order.formats), ",".join(order.sites)
    return f"cut-off {order.cut_off_at.isoformat()}, sites {sites}, {formats}, arms {order.arms}, {kind}"


def write_export(
    session: Session, *, order: ExportOrder, actor: Actor, folder: Path, now: datetime, study_number: str | None = None
) -> ExportResult:
    """Write ``folder/export.zip``. Reads everything once, with one participant in memory at a time.

    ``study_number``: of this participant alone, without the study's own audit log.
    """
    check_sites(actor, *order.sites)
    data = folder / "data"
    data.mkdir(mode=0o700)
    writers = _writers(session, order, data)
    count = 0
    for subject in read_subjects(session, order, study_number=study_number):
        count += 1
        for writer in writers:
            writer.add(subject)
    if study_number is None:
        _study_trail(session, order, writers)
    counts = {name: rows for writer in writers for name, rows in writer.close().items()}
    files = [_described(data / name, rows) for name, rows in sorted(counts.items())]
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    manifest = _manifest(session, order, actor, now, files) | {"participants": count, "content_sha256": digest}
    path = folder / "export.zip"
    _pack(path, data, [one["name"] for one in files], manifest)
    return ExportResult(path, digest, count, manifest)


def _writers(session: Session, order: ExportOrder, data: Path) -> Sequence[ExportWriter]:
    shown = order.of(load_domains())
    writers: list[ExportWriter] = []
    if ExportFormat.CSV in order.formats:
        writers.append(CsvFiles(data, order, shown))
    if ExportFormat.FHIR in order.formats:
        writers.append(FhirFiles(data, order))
    if ExportFormat.ODM in order.formats:
        writers.append(OdmFile(data, order, shown, _head(session, order)))
    return writers


def _study_trail(session: Session, order: ExportOrder, writers: Sequence[ExportWriter]) -> None:
    """Acts about nobody belong to no site: they are there when every site is."""
    everywhere = {site.code for site in protocols.load_protocol().sites} <= set(order.sites)
    tables = [writer for writer in writers if isinstance(writer, CsvFiles)] if everywhere else []
    for entry in list_study_entries(session, until=order.cut_off_at) if tables else ():
        for table in tables:
            table.entry("", entry)


def _head(session: Session, order: ExportOrder) -> odm.OdmHeader:
    protocol = protocols.load_protocol()
    said = hashlib.sha256(_said(order).encode()).hexdigest()[:16]
    return odm.OdmHeader(
        file_oid=f"ODM.{said}",
        as_of_at=order.cut_off_at,
        study=protocol.nct_id,
        title=protocol.sponsor_id,
        summary=protocol.registry.title.en,
        version=protocol.version,
        sites=[(site.code, site.name.en) for site in protocol.sites],
        people=_people(session, order),
        meanings=[str(meaning) for meaning in SignatureMeaning],
    )


def _people(session: Session, order: ExportOrder) -> Sequence[odm.OdmUser]:
    staff = session.execute(select(Staff.id, Staff.role).where(Staff.created_at <= order.cut_off_at).order_by(Staff.id))
    holders = session.execute(
        select(Account.id).join(Participant, Participant.id == Account.participant_id)
        .where(Participant.site.in_(order.sites), Participant.created_at <= order.cut_off_at).order_by(Account.id)
    )  # fmt: skip
    return [
        odm.OdmUser(actor_label("system", None)),
        *(odm.OdmUser(actor_label("staff", row.id), row.role == Role.INVESTIGATOR) for row in staff),
        *(odm.OdmUser(actor_label("account", row.id)) for row in holders),
    ]


def _described(path: Path, rows: int) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return {"name": path.name, "rows": rows, "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _manifest(
    session: Session, order: ExportOrder, actor: Actor, now: datetime, files: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:  # fmt: skip
    protocol = protocols.load_protocol()
    return {
        "study": protocol.nct_id,
        "order": {**asdict(order), "cut_off_at": order.cut_off_at.isoformat()},
        "made_at": now.isoformat(),
        "made_by": actor_label(actor.kind, actor.id),
        "role": str(actor.role),
        "versions": {
            "export": FORMAT_VERSION,
            "protocol": protocol.version,
            "questionnaires": questionnaires.read_recorded_digests(),
            "schema": session.execute(text("SELECT version_num FROM alembic_version")).scalar_one(),
        },
        "files": list(files),
    }


def _pack(path: Path, data: Path, names: Sequence[str], manifest: Mapping[str, Any]) -> None:
    """Files leave the disk one by one as they enter the archive: the clear copies do not stay."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            with (data / name).open("rb") as source, archive.open(entry, "w") as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
            (data / name).unlink()
        entry = zipfile.ZipInfo("manifest.json", EPOCH)
        archive.writestr(entry, json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")
