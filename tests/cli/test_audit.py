"""``audit verify`` names the first broken link, and holds the trail against anchors that were kept elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.audit_chain import FLIPPED, rename, seal, tamper
from tests.support.people import enrol


@pytest.fixture
def sealed(app: Flask) -> Flask:
    """Two acts, sealed and anchored."""
    rename(enrol().id, "paused")
    seal()
    return app


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["audit", *arguments])
    return result.exit_code, result.output


def verified(app: Flask, *arguments: str) -> tuple[int, Any]:
    code, said = run(app, "verify", *arguments)
    return code, json.loads(said)["broken"]


def kept(app: Flask, folder: Path) -> str:
    (folder / "anchors.jsonl").write_text(run(app, "anchors")[1])
    return str(folder / "anchors.jsonl")


def test_a_whole_trail_is_told_by_its_exit_code(sealed: Flask, tmp_path: Path) -> None:
    assert verified(sealed) == (0, None)
    assert verified(sealed, "--anchors", kept(sealed, tmp_path)) == (0, None)


def test_the_first_broken_link_is_named_with_its_act(sealed: Flask) -> None:
    tamper(FLIPPED)
    code, broken = verified(sealed)
    assert (code, broken["position"], broken["event_id"]) == (1, 2, 2)
    assert "not what was sealed" in broken["fault"]


def test_a_trail_made_anew_is_found_by_the_kept_anchors_alone(sealed: Flask, tmp_path: Path) -> None:
    elsewhere = kept(sealed, tmp_path)
    tamper(FLIPPED, "DELETE FROM audit_link", "DELETE FROM audit_anchor")
    seal()
    assert verified(sealed) == (0, None)
    assert verified(sealed, "--anchors", elsewhere)[0] == 1


def test_a_file_that_holds_no_anchors_is_named_by_its_line(sealed: Flask, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("not an anchor\n")
    code, said = run(sealed, "verify", "--anchors", str(tmp_path / "list.txt"))
    assert code != 0
    assert "list.txt, line 1: not an anchor" in said
