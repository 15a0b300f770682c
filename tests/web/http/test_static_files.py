"""Scripts and styles: named by content, compressed beforehand, small enough for a weak signal."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.web.http.static_files import FOLDER, asset_url, init_static

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Flask]:
    (tmp_path / "page.css").write_bytes(b"body{}")
    (tmp_path / "page.css.gz").write_bytes(b"packed by gzip")
    (tmp_path / "page.css.br").write_bytes(b"packed by brotli")
    (tmp_path / "plain.txt").write_bytes(b"plain")
    app = Flask("site", static_folder=None)
    init_static(app, tmp_path)
    with app.test_request_context():
        yield app


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


def test_an_address_carries_the_hash_of_the_content(site: Flask, tmp_path: Path) -> None:
    before = asset_url(site, "page.css")
    (tmp_path / "page.css").write_bytes(b"body{color:teal}")
    later = Flask("later", static_folder=None)
    init_static(later, tmp_path)
    with later.test_request_context():
        assert asset_url(later, "page.css") != before


def test_a_name_that_does_not_exist_is_noticed_when_the_page_is_made(site: Flask) -> None:
    with pytest.raises(KeyError):
        asset_url(site, "missing.css")


def test_templates_can_ask_for_an_asset(site: Flask) -> None:
    assert site.jinja_env.from_string("{{ asset('page.css') }}").render() == asset_url(site, "page.css")


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("br, gzip", "br", b"packed by brotli"),
        ("gzip", "gzip", b"packed by gzip"),
        ("br;q=0, gzip", "gzip", b"packed by gzip"),
        ("", None, b"body{}"),
    ],
)
def test_the_best_encoding_a_browser_takes_is_sent(
    site: Flask, client: FlaskClient, accepted: str, encoding: str | None, body: bytes
) -> None:
    answer = client.get(asset_url(site, "page.css"), headers={"Accept-Encoding": accepted})
    assert answer.data == body
    assert answer.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_file_that_was_not_compressed_is_sent_plain(site: Flask, client: FlaskClient) -> None:
    answer = client.get(asset_url(site, "plain.txt"), headers=BROWSER)
    assert answer.data == b"plain"
    assert "Content-Encoding" not in answer.headers


def test_the_current_version_is_kept_for_a_year(site: Flask, client: FlaskClient) -> None:
    answer = client.get(asset_url(site, "page.css"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_page_from_before_an_update_still_finds_its_style_but_does_not_keep_it(client: FlaskClient) -> None:
    answer = client.get("/static/000000000000/page.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_what_a_browser_has_is_not_sent_again(site: Flask, client: FlaskClient) -> None:
    address = asset_url(site, "page.css")
    etag = client.get(address, headers=BROWSER).headers["ETag"]
    again = client.get(address, headers={**BROWSER, "If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["missing.css", "page.css.gz", "../../web/guards.py"])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/000000000000/{name}").status_code == 404


@pytest.mark.parametrize("name", ["portal.css", "portal.js", "staff.css", "staff.js", "icon.svg"])
def test_the_compressed_files_hold_what_the_plain_ones_hold(name: str) -> None:
    assert gzip.decompress((FOLDER / f"{name}.gz").read_bytes()) == (FOLDER / name).read_bytes()
    assert (FOLDER / f"{name}.br").exists()


def test_a_participant_downloads_25_kb_at_most() -> None:
    assert sum((FOLDER / f"{name}.gz").stat().st_size for name in ("portal.css", "portal.js")) <= 25_000


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.css")) + sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"https?://(?!www\.w3\.org/)|@import|@font-face|Frutiger", text)


def test_the_colours_of_the_health_service_are_not_borrowed() -> None:
    assert "005eb8" not in (FOLDER / "portal.css").read_text().lower()


def test_light_and_dark_both_have_every_colour() -> None:
    roots = re.findall(r":root\{([^}]*)\}", (FOLDER / "portal.css").read_text())
    light, dark = (set(re.findall(r"--[a-z-]+(?=:)", root)) for root in roots[:2])
    assert light == dark
    assert len(light) > 20
