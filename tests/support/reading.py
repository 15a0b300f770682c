"""The table of what people type and what it means, for the reader of the server and for that of the phone."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

CASES: Final[dict[str, list[list[Any]]]] = json.loads(Path(__file__).with_name("reading_cases.json").read_text())


def plain(value: Any) -> Any:
    """A typed answer as JSON writes it."""
    if isinstance(value, Decimal):
        return float(value)
    return list(value) if isinstance(value, tuple) else value
