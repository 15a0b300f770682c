"""What the runbook and the server's files tell people to type is there, with the options that they name."""

import re
from pathlib import Path

import click
import pytest
from flask import Flask

from config import ROOT

FILES = (ROOT / "docs" / "runbook.md", ROOT / "docs" / "scale.md", *sorted((ROOT / "deploy").glob("*")))
TYPED = re.compile(r"flask --app app ([a-z][a-z -]*[a-z])((?: --[a-z-]+)*)")
CHAPTERS = ("Start and stop", "Upgrade", "restore", "A key must change", "A phone is lost", "The provider is down",
            "A wrong allocation", "A breach", "What is written down, and where")  # fmt: skip


def commands() -> list[tuple[str, str, str]]:
    found = [(path.name, *match) for path in FILES if path.is_file() for match in TYPED.findall(_text(path))]
    return sorted({(name, words, options.strip()) for name, words, options in found})


def _text(path: Path) -> str:
    return re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "words", "options"), commands())
def test_a_command_that_is_written_down_exists(name: str, words: str, options: str) -> None:
    from portal import cli

    app = Flask("typed")
    cli.init_app(app)
    command: click.Command = app.cli
    for word in words.split():
        if isinstance(command, click.Group):
            command = command.commands[word]
    assert not isinstance(command, click.Group), f"{name}: {words} is no whole command"
    known = {spelled for one in command.params for spelled in one.opts}
    assert set(options.split()) <= known


def test_there_is_much_to_type() -> None:
    assert len(commands()) > 15


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_runbook_has_a_chapter_for(chapter: str) -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert any(chapter in heading for heading in headings)
