"""``allocation import`` at a terminal."""

import hashlib
import json
from pathlib import Path

from click.testing import Result
from flask import Flask

LIST = "sequence,stratum,arm\n1,all,imsc\n2,all,control\n"


def imported(app: Flask, file: Path, content: str) -> Result:
    file.write_text(content, encoding="utf-8")
    return app.test_cli_runner().invoke(args=["allocation", "import", str(file)])


def test_a_list_is_sealed_and_its_checksum_printed(app: Flask, tmp_path: Path) -> None:
    line = json.loads(imported(app, tmp_path / "list.csv", LIST).output)
    assert line == {"list": 1, "checksum": hashlib.sha256(LIST.encode()).hexdigest(), "rows": 2, "new": True}
    assert json.loads(imported(app, tmp_path / "list.csv", LIST).output)["new"] is False


def test_every_fault_is_named_by_its_line(app: Flask, tmp_path: Path) -> None:
    result = imported(app, tmp_path / "list.csv", "sequence,stratum,arm\n1,all,placebo\nx,all,imsc\n")
    assert result.exit_code == 1
    assert "line 2: Unknown arm. The arms are: control, imsc." in result.output
    assert "line 3: The sequence must be a whole number from 1." in result.output


def test_a_second_list_waits_for_the_first(app: Flask, tmp_path: Path) -> None:
    imported(app, tmp_path / "list.csv", LIST)
    result = imported(app, tmp_path / "other.csv", LIST + "3,all,imsc\n")
    assert (result.exit_code, "still has rows" in result.output) == (1, True)
