import json
from pathlib import Path

from click.testing import CliRunner

from portal import protocols
from portal.cli.simulate import simulate


def test_one_json_object_a_line_with_what_was_aimed_at() -> None:
    result = CliRunner().invoke(simulate, ["--participants", "5", "--seed", "3"])
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = [line["kind"] for line in lines]
    assert kinds[:5] == ["run", "sensitivity", "sensitivity", "red-without-agvhd", "flagged"]
    assert (lines[0]["participants"], lines[0]["seed"]) == (5, 3)
    assert (lines[2]["aim_percent_at_least"], lines[4]["aim_percent_at_most"]) == (95, 20)
    assert {"rule", "figure"} <= set(kinds)


def test_several_seeds_of_another_protocol_are_added_up() -> None:
    draft = str(protocols.FOLDER / "nct06949267.v2.0.toml")
    options = ["--participants", "4", "--protocol", draft, "--weights", "--new-signs"]
    pooled, *single = (
        json.loads(CliRunner().invoke(simulate, [*options, *more]).stdout.splitlines()[0])
        for more in (["--seeds", "2"], ["--seed", "1"], ["--seed", "2"])
    )
    assert pooled["protocol"] == "2.0"
    assert (pooled["participants"], pooled["seeds"], pooled["with"]) == (8, 2, ["weights", "new-signs"])
    assert pooled["diaries"] == sum(one["diaries"] for one in single)


def test_a_protocol_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("version = 2")
    result = CliRunner().invoke(simulate, ["--participants", "1", "--protocol", str(wrong)])
    assert result.exit_code == 1
    assert "nct_id: is missing" in result.output
