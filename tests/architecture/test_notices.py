"""The notices name every package that a server installs and every script that a page contains."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTICES = (ROOT / "THIRD-PARTY-NOTICES.md").read_text(encoding="utf-8")
LICENCES = dict(re.findall(r"^\| ([a-z0-9-]+) \| ([^|]+) \|$", NOTICES, re.MULTILINE))
BUILD_ONLY = {"esbuild", "sass"}


def installed() -> set[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {match[1] for line in lines if (match := re.match(r"([a-z0-9-]+)(?:\[[a-z,]+\])?==", line))}


def test_every_package_of_production_is_named_with_its_licence() -> None:
    assert len(installed()) > 60
    assert installed() - set(LICENCES) == set()


def test_no_package_is_named_that_production_does_not_install() -> None:
    assert set(LICENCES) - installed() - {"package"} == set()


def test_every_bundled_script_and_style_is_named_with_its_version() -> None:
    needed = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    bundled = {f"{name} {version}" for name, version in needed.items() if name not in BUILD_ONLY}
    named = NOTICES.lower()
    assert {one for one in bundled if one not in named} == set()


def test_copyleft_packages_are_explained() -> None:
    copyleft = {name for name, licence in LICENCES.items() if re.search(r"GPL|MPL", licence)}
    assert copyleft == {"certifi", "psycopg", "psycopg-binary"}
    assert {name for name in copyleft if f"**{name}**" not in NOTICES} == set()
