import json

from click.testing import CliRunner

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
