"""``questionnaires check`` at a terminal, on the released files and on broken copies of them."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portal import questionnaires
from portal.cli.questionnaires import group

DAILY = "daily-diary.v1.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in questionnaires.FOLDER.glob("*.json"):
        shutil.copy(path, tmp_path)
    return tmp_path


def check(*args: str) -> tuple[Result, dict[str, list[str]]]:
    result = CliRunner().invoke(group, ["check", *args])
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert all(line["ok"] is not line["faults"] and line["ok"] is (line["faults"] == []) for line in lines)
    return result, {line["file"]: line["faults"] for line in lines}


def change(path: Path, edit: Callable[[dict[str, Any]], object], *, record: bool = True) -> None:
    """Edit a file, and its digest too unless the change is to be noticed."""
    content = json.loads(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    if record:
        digests = path.with_name(questionnaires.DIGESTS)
        known = json.loads(digests.read_text()) | {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
        digests.write_text(json.dumps(known))


def test_the_released_files_are_sound() -> None:
    result, faults = check()
    assert result.exit_code == 0
    assert faults == {
        f"{name}.v{version}.json": [] for name in ("daily-diary", "post-infusion-check") for version in (1, 2)
    }


def test_a_draft_needs_no_digest_and_may_have_none(folder: Path) -> None:
    draft = folder / "daily-diary.v2.json"
    change(draft, lambda content: content.update(date="2026-12-01"))
    assert check("--folder", str(folder))[1][draft.name] == ["is a draft, yet has a digest in digests.json"]
    change(draft, lambda content: content.update(status="active"))
    assert check("--folder", str(folder))[1][draft.name] == []


def test_a_changed_release_is_noticed(folder: Path) -> None:
    change(folder / DAILY, lambda content: content.update(date="2026-12-01"), record=False)
    result, faults = check("--folder", str(folder))
    assert result.exit_code == 1
    assert faults[DAILY] == ["was changed after its release: digests.json has another digest"]


def test_a_release_that_is_gone_is_noticed(folder: Path) -> None:
    (folder / DAILY).unlink()
    result, faults = check("--folder", str(folder))
    assert result.exit_code == 1
    assert faults[DAILY] == ["was released and is gone"]


def test_every_fault_of_every_file_is_named(folder: Path) -> None:
    change(folder / DAILY, lambda content: content["item"][0]["item"][0].pop("_text"))
    change(folder / "post-infusion-check.v1.json", lambda content: content.pop("status"))
    result, faults = check("--folder", str(folder))
    assert result.exit_code == 1
    assert faults[DAILY] == ["temperature-taken: has no zh-CN text"]
    assert [fault.startswith("FHIR: ") for fault in faults["post-infusion-check.v1.json"]] == [True]


@pytest.mark.parametrize("content", ["{", "[]", "null", '"daily diary"', "\ufeff\ufeff"])
def test_a_file_that_is_no_questionnaire_is_named(folder: Path, content: str) -> None:
    (folder / "daily-diary.v2.json").write_text(content, encoding="utf-8")
    result, faults = check("--folder", str(folder))
    assert result.exit_code == 1
    assert "has no digest in digests.json" in faults["daily-diary.v2.json"]
    assert any("is not a JSON object" in fault for fault in faults["daily-diary.v2.json"])


def test_a_file_must_be_what_its_name_says(folder: Path) -> None:
    shutil.copy(folder / DAILY, folder / "weekly-diary.v1.json")
    shutil.copy(folder / DAILY, folder / "Diary.json")
    _, faults = check("--folder", str(folder))
    assert "says in url and version that it is daily-diary.v1.json" in faults["weekly-diary.v1.json"]
    assert "the name must be like daily-diary.v1.json" in faults["Diary.json"]


def test_a_folder_without_questionnaires_is_not_sound(tmp_path: Path) -> None:
    result, faults = check("--folder", str(tmp_path))
    assert result.exit_code == 1
    assert list(faults) == ["digests.json"]
