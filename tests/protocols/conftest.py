import tomllib
from decimal import Decimal
from typing import Any

import pytest

from portal import protocols
from portal.domain.protocol import Protocol


@pytest.fixture
def protocol() -> Protocol:
    return protocols.load_protocol()


@pytest.fixture
def data() -> dict[str, Any]:
    """The protocol file as plain data, to be broken."""
    text = (protocols.FOLDER / "nct06949267.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)
