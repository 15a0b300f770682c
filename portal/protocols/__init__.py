"""The study as data: one TOML file a trial, read and held against its types when the portal starts.

``digests.json`` holds the SHA-256 of every released version: a released file never changes.
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
    "load_protocol",
    "load_protocol_bytes",
    "load_protocol_file",
    "parse_protocol_data",
    "protocol_digest",
]

FOLDER: Final = Path(__file__).parent


@lru_cache
def load_protocol(nct_id: str = "nct06949267") -> Protocol:
    """The protocol of a trial; raises ProtocolFault with every fault of its file, FileNotFoundError without one."""
    return load_protocol_file(FOLDER / f"{nct_id}.toml")


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
