"""Documents name only files that exist, have the form that they promise, and hold commands that a shell can read."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
OLDER_FORM = {"002", "017", "023"}
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ADRS, ROOT / "deploy" / "README.md"])
FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", PAGES, ids=name)
def test_a_link_leads_to_a_file(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", PAGES, ids=name)
def test_a_document_that_is_named_exists(document: Path) -> None:
    named = re.findall(r"`((?:docs|deploy|benchmarks)/[\w./-]+\.\w+)", document.read_text(encoding="utf-8"))
    assert [file for file in named if not (ROOT / file).exists()] == []


def test_every_document_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    written = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {file for file in written if f"({file})" not in index} == set()


@pytest.mark.parametrize("document", [path for path in ADRS if path.name[:3] not in OLDER_FORM], ids=name)
def test_a_decision_record_has_the_one_form(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert re.match(rf"# {document.name[:3]}\. \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Status", "Context", "Decision", "Consequences"]


def test_every_decision_record_is_in_the_index_once() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \d{3} \| \[[^]]+\]\(([^)]+)\)", index, re.MULTILINE) == [document.name for document in ADRS]


def test_every_figure_names_what_prints_it() -> None:
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| what \| measured \| printed by \|\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    printed = r"`(benchmarks/|make soak|flask --app app )|\| the same \||`docs/scale.md`"
    assert len(rows) > 15
    assert [row for row in rows if not re.search(printed, row)] == []


def test_what_the_installation_says_to_paste_is_shell() -> None:
    steps = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8").split("## Installation")[1]
    blocks = FENCED.findall(steps)
    assert len(blocks) > 5
    for block in blocks:
        subprocess.run(["/bin/bash", "-n"], input=block, text=True, check=True)


def test_the_glossary_gives_every_term_in_both_languages_once() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    terms = [row for row in rows if row[0] != "term"]
    assert len(terms) > 60
    assert [row[0] for row in terms if not re.search(r"[\u4e00-\u9fff]", row[1]) or not row[2].endswith(".")] == []
    assert len({row[0] for row in terms}) == len(terms)
