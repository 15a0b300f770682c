"""Every string is there in Chinese, and every placeholder survives the translation."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PLACES = re.compile(r"%\((\w+)\)[sd]")
LETTERS = re.compile(r"[A-Za-z]")
HAN = re.compile(r"[\u4e00-\u9fff]")
# The same in both languages: names, and marks that are no words.
SAME_IN_BOTH = frozenset({"English", "中文"})


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the code says today, collected the way ``make messages`` does."""
    path = tmp_path_factory.mktemp("texts") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "-F", "babel.cfg"]
    command += ["-k", "_l", "-k", "N_", "-o", str(path), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    with path.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    with (ROOT / "portal/translations/zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


def ids(catalog: Catalog) -> set[str]:
    return {key(message) for message in catalog if message.id}


def key(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else str(message.id)


def words(message: Message) -> str:
    return message.string[0] if isinstance(message.string, tuple) else str(message.string)


def test_nothing_is_missing_in_chinese(wanted: Catalog, chinese: Catalog) -> None:
    translated = {key(message) for message in chinese if message.id and words(message) and not message.fuzzy}
    assert sorted(ids(wanted) - translated) == []


def test_nothing_is_translated_that_nobody_says(wanted: Catalog, chinese: Catalog) -> None:
    assert sorted(ids(chinese) - ids(wanted)) == []


def test_placeholders_survive(chinese: Catalog) -> None:
    for message in chinese:
        if message.id:
            assert set(PLACES.findall(words(message))) == set(PLACES.findall(key(message))), key(message)


def test_the_translations_are_chinese(chinese: Catalog) -> None:
    def foreign(message: Message) -> bool:
        return not HAN.search(words(message)) and bool(LETTERS.search(PLACES.sub("", words(message))))

    latin = [key(message) for message in chinese if message.id and foreign(message)]
    assert sorted(set(latin) - SAME_IN_BOTH) == []
