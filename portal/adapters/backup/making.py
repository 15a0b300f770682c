"""One file out of a running portal, and a portal out of one file."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

from portal.adapters.backup import databases
from portal.adapters.backup.sealing import DamagedBackup, EncryptingWriter, decrypted_chunks

MANIFEST: Final = "manifest.json"
PHOTOS: Final = "photos/"


@dataclass(frozen=True, slots=True)
class Backup:
    """``missing``: photographs that a row speaks of and that were not there; ``digest`` of the encrypted file."""

    path: Path
    digest: str
    tables: Mapping[str, int]
    photos: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """``faults`` is empty when every table and every photograph is what the manifest says."""

    made_at: str
    tables: Mapping[str, int]
    photos: int
    faults: tuple[str, ...]


def create_backup(*, database_url: str, files: Path, folder: Path, key: bytes, now: datetime) -> Backup:
    """Write ``folder/portal-<instant>.backup``. The database comes first: a photograph's file is older than its row."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"portal-{now:%Y%m%dT%H%M%SZ}.backup"
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        copied = Path(scratch) / databases.DUMP
        tables = databases.dump_database(database_url, copied)
        photos = {one.name: _digest(one) for one in _pictures(files)}
        manifest = {"made_at": now.isoformat(), "kind": database_url.partition(":")[0].partition("+")[0],
                    "tables": dict(tables), "photos": photos, "database": _digest(copied)}  # fmt: skip
        draft = Path(scratch) / "draft"
        with draft.open("wb") as target:
            _write(target, key, manifest, copied, [files / name for name in photos])
            target.flush()
            os.fsync(target.fileno())
        draft.replace(path)
    missing = _missing(database_url, photos)
    return Backup(path, _digest(path), tables, len(photos), missing)


def restore_backup(path: Path, *, database_url: str, files: Path, key: bytes) -> RestoredBackup:
    """Into an empty database and an empty folder. Raises Damaged or CannotCopy before anything is put in place."""
    if files.exists() and any(files.iterdir()):
        raise databases.CopyFailed("the folder of photographs is not empty")
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        place = Path(scratch)
        _unpack(path, key, place)
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        if _digest(place / databases.DUMP) != manifest["database"]:
            raise DamagedBackup("the database in it is not what was written")
        tables = databases.load_database(database_url, place / databases.DUMP)
        files.mkdir(parents=True, exist_ok=True, mode=0o700)
        for one in sorted((place / PHOTOS).glob("*")):
            (files / one.name).write_bytes(one.read_bytes())
            (files / one.name).chmod(0o600)
    return RestoredBackup(manifest["made_at"], tables, len(manifest["photos"]), tuple(_faults(manifest, tables, files)))


def _faults(manifest: Mapping[str, Any], tables: Mapping[str, int], files: Path) -> Iterator[str]:
    for name, rows in manifest["tables"].items():
        if tables.get(name) != rows:
            yield f"{name}: {tables.get(name)} rows instead of {rows}"
    for name, digest in manifest["photos"].items():
        if not (files / name).exists() or _digest(files / name) != digest:
            yield f"photograph {name}"


def _missing(database_url: str, photos: Mapping[str, str]) -> tuple[str, ...]:
    with databases.open_connection(database_url) as connection:
        return tuple(name for name in databases.list_file_names(connection) if name not in photos)


def _pictures(files: Path) -> list[Path]:
    return sorted(one for one in files.glob("*") if one.is_file()) if files.exists() else []


def _write(target: BinaryIO, key: bytes, manifest: Mapping[str, Any], copied: Path, pictures: list[Path]) -> None:
    with EncryptingWriter(target, key) as sealer, tarfile.open(fileobj=cast("BinaryIO", sealer), mode="w|") as archive:
        body = json.dumps(manifest, indent=1).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(body)
        archive.addfile(head, io.BytesIO(body))
        archive.add(copied, databases.DUMP)
        for one in pictures:
            archive.add(one, PHOTOS + one.name)


def _unpack(path: Path, key: bytes, place: Path) -> None:
    """Decrypted and proved whole first, unpacked afterwards."""
    plain = place / "plain.tar"
    with path.open("rb") as source, plain.open("wb") as target:
        for chunk in decrypted_chunks(source, key):
            target.write(chunk)
    (place / PHOTOS).mkdir()
    with tarfile.open(plain) as archive:
        for member in archive:
            _lay_down(archive, member, place)
    plain.unlink()


def _lay_down(archive: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    """Only what a backup writes. By hand: tarfile's own filters came with Python 3.11.4, and Debian 12 has 3.11.2."""
    name = member.name.removeprefix(PHOTOS)
    if not member.isreg() or "/" in name or name.startswith("."):
        raise DamagedBackup(f"{member.name} is in it, which no backup writes")
    with cast("IO[bytes]", archive.extractfile(member)) as source, (place / member.name).open("xb") as target:
        shutil.copyfileobj(source, target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
