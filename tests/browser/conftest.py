"""The browser of these tests: Debian's Chromium, else Playwright's own."""

from typing import Any

import pytest

from tests.chromium import find_chromium


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Stands in for pytest-base-url's own fixture, whose form pytest has begun to deprecate."""
