"""Commands that take data out, copy it and change keys."""

import base64
import json
import zipfile
from contextvars import Context
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT, load
from portal.cli import export
from tests.support.people import enrol


def run(app: Flask, *arguments: str, ok: bool = True) -> dict[str, object]:
    result = app.test_cli_runner().invoke(args=list(arguments))
    assert (result.exit_code == 0) is ok, result.output
    return json.loads(result.output.splitlines()[-1]) if ok else {"said": result.output}


def test_an_export_is_written_and_described(app: Flask, tmp_path: Path) -> None:
    enrol()
    said = run(app, "export", str(tmp_path / "out"), "--why", "Closing the database", "--arms", "shown")
    with zipfile.ZipFile(str(said["file"])) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["made_by"] == "system"
    assert said["content_sha256"] == manifest["content_sha256"]
    assert [one.name for one in (tmp_path / "out").iterdir()] == [Path(str(said["file"])).name]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--cut-off", "yesterday"), "not an ISO instant"), (("--cut-off", "2026-11-24T00:00"), "needs an offset"),
     (("--cut-off", "2999-01-01T00:00+00:00"), "five minutes ago")],
)  # fmt: skip
def test_a_cut_off_that_cannot_be_is_refused(
    app: Flask, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in str(run(app, "export", str(tmp_path), "--why", "x", *arguments, ok=False)["said"])


def test_the_data_dictionary_is_what_the_tables_say() -> None:
    assert export.DICTIONARY.read_text(encoding="utf-8") == export.draw_data_dictionary()


def test_a_backup_needs_its_key(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKUP_KEY", raising=False)
    assert "BACKUP_KEY" in str(run(app, "backup", str(tmp_path), ok=False)["said"])
    monkeypatch.setenv("BACKUP_KEY", base64.urlsafe_b64encode(b"k" * 32).decode())
    said = run(app, "backup", str(tmp_path))
    assert Path(str(said["file"])).exists()
    assert said["photographs_missing"] == []
    assert "not empty" in str(run(app, "restore", str(said["file"]), ok=False)["said"])


def test_a_restored_portal_is_whole_and_its_trail_holds(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import portal

    monkeypatch.setenv("BACKUP_KEY", base64.urlsafe_b64encode(b"k" * 32).decode())
    enrol()
    kept = str(run(app, "backup", str(tmp_path / "kept"))["file"])
    config = app.config["PORTAL"]
    if not config.database_url.startswith("sqlite"):
        pytest.skip("a dump of PostgreSQL goes back into PostgreSQL: tests/services/test_backup.py")

    def restored(name: str, *, ok: bool, **changes: object) -> dict[str, object]:
        url = f"sqlite:///{tmp_path / name}.sqlite3"
        other = portal.create_app(replace(config, database_url=url, files_dir=tmp_path / name, **changes))
        return Context().run(run, other, "restore", kept, ok=ok)  # without the first portal's context

    said = restored("b", ok=True)
    assert (said["faults"], said["photographs"]) == ([], 0)
    said = restored("c", ok=False, field_keys=(base64.urlsafe_b64encode(b"n" * 32).decode(),))
    assert "FIELD_KEYS: key" in str(said["said"])


def test_keys_are_counted_and_moved(app: Flask) -> None:
    enrol()
    assert run(app, "keys", "rotate")["changed"] == {}
    said = run(app, "keys", "status")
    assert (said["may_be_removed"], said["unknown"]) == ([], [])
    assert said["keys"][0]["values"] > 3  # type: ignore[index]


def test_the_environment_template_names_every_setting() -> None:
    text = (ROOT / "deploy" / "portal.env.example").read_text(encoding="utf-8")
    given = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    key = base64.urlsafe_b64encode(b"k" * 32).decode()
    keys = dict.fromkeys(("FIELD_KEYS", "BLIND_INDEX_KEY", "BACKUP_KEY", "AUDIT_SIGNING_KEY"), key)
    twilio = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "+15005550006"}
    filled = {**given, **keys, **twilio, "SECRET_KEY": "s" * 40}
    assert load(filled).env == "production"
