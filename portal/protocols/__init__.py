"""The study as data: one TOML file a trial, read and held against its types when the portal starts.

``digests.json`` holds the SHA-256 of every released version: a released file never changes. A draft says so itself
(``status = "draft"``) and has no digest; a process runs one only when it is told to, and in production never.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from portal.domain import protocol_file
from portal.domain.protocol import Protocol
from portal.domain.protocol_file import ProtocolFault

__all__ = [
    "FOLDER",
    "ProtocolFault",
    "check_released",
    "list_drafts",
    "load_draft",
    "load_protocol",
    "load_protocol_bytes",
    "load_protocol_file",
    "parse_protocol_data",
    "protocol_digest",
    "run_draft",
    "runs_draft",
]

FOLDER: Final = Path(__file__).parent


TRIAL: Final = "nct06949267"
# The version of a draft that this process runs in place of the protocol in force; empty for none.
_draft = [""]


def load_protocol(nct_id: str = TRIAL) -> Protocol:
    """The protocol of a trial; raises ProtocolFault with every fault of its file, FileNotFoundError without one."""
    return _loaded(f"{nct_id}.v{_draft[0]}" if _draft[0] else nct_id)


@lru_cache
def _loaded(stem: str) -> Protocol:
    return load_protocol_file(FOLDER / f"{stem}.toml")


def run_draft(version: str | None, *, nct_id: str = TRIAL) -> None:
    """Run a draft in this whole process from now on, or with None the protocol in force again.

    ProtocolFault: there is no such draft. Whoever calls it sees to it that this is no production.
    """
    if version is not None and version not in list_drafts(nct_id):
        raise ProtocolFault((f"{nct_id}.v{version}.toml: is not a draft",))
    _draft[0] = version or ""


def runs_draft() -> bool:
    return bool(_draft[0])


def check_released(nct_id: str = TRIAL) -> None:
    """ProtocolFault: what this process runs is a draft, which nobody may be treated by."""
    if load_protocol(nct_id).status == "draft":
        raise ProtocolFault((f"{nct_id}: is a draft and not released",))


def list_drafts(nct_id: str = TRIAL) -> tuple[str, ...]:
    """The versions of every draft of a trial."""
    others = (_version_and_draft(path) for path in sorted(FOLDER.glob(f"{nct_id}.v*.toml")))
    return tuple(version for version, draft in others if draft)


def _version_and_draft(path: Path) -> tuple[str, bool]:
    """The version of a file and whether it is a draft, without reading the rest of it."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return str(data["version"]), data.get("status") == "draft"


def load_draft(version: str, nct_id: str = TRIAL) -> Protocol:
    """A draft, to be compared with the protocol in force. ProtocolFault: there is no such draft."""
    if version not in list_drafts(nct_id):
        raise ProtocolFault((f"{nct_id}.v{version}.toml: is not a draft",))
    return _loaded(f"{nct_id}.v{version}")


def load_protocol_file(path: Path) -> Protocol:
    """The protocol in a TOML file; decimals are read as written, never as binary floats."""
    return load_protocol_bytes(path.name, path.read_bytes())


def load_protocol_bytes(name: str, content: bytes) -> Protocol:
    """The protocol in a file's content, from any source; ``name`` is used in its faults. Raises ProtocolFault."""
    try:
        data = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolFault((f"{name}: is not TOML, {error}",)) from error
    return parse_protocol_data(data)


def parse_protocol_data(data: Mapping[str, object]) -> Protocol:
    """The protocol that plain data describes; raises ProtocolFault."""
    return protocol_file.parse_protocol(data, timezone_exists=_timezone_exists)


def protocol_digest(nct_id: str = "nct06949267") -> str:
    """SHA-256 of the protocol file's bytes, in hexadecimal."""
    return hashlib.sha256((FOLDER / f"{nct_id}.toml").read_bytes()).hexdigest()


def _timezone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
