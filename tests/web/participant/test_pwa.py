"""What makes the portal an app: the manifest, the worker, and a page that holds every question and nobody's data."""

import re

import pytest
from flask import Flask

from portal import questionnaires
from tests.support.web.visitor import Visitor


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_without_a_network_is_the_same_for_everybody(
    client: Visitor, signed_in: Visitor, language: str
) -> None:
    def plain(visitor: Visitor) -> str:
        return re.sub(r'nonce="[^"]*"', "", visitor.get(f"/offline/{language}").text)

    page = plain(signed_in)
    assert page == plain(client)
    assert not [secret for secret in ("王小明", "csrf", "13800130001", "RJ-001") if secret in page]


def test_it_asks_every_question_that_everybody_is_asked_and_no_other(client: Visitor) -> None:
    fields = {str(field["name"]).split(".")[0] for field in client.visit("/offline/en").fields}
    asked = {item.link_id for item in questionnaires.load_diary(post_infusion=False, weight=True).items}
    rest = {item.link_id for item in questionnaires.load_diary(post_infusion=True, weight=True).items} - asked
    assert asked - {"skin-photo"} <= fields
    assert rest.isdisjoint(fields)


def test_it_sets_no_cookie(app: Flask) -> None:
    response = app.test_client().get("/offline/en")
    assert "Set-Cookie" not in response.headers


def test_an_unknown_language_is_not_there(client: Visitor) -> None:
    assert client.get("/offline/fr").status_code == 404


def test_the_worker_keeps_only_assets_and_that_page(client: Visitor) -> None:
    response = client.get("/sw.js")
    kept = re.findall(r'"(/[^"]*)"', response.text.split(";")[0])
    assert all(one.startswith(("/static/", "/offline/")) for one in kept)
    assert {"/offline/en", "/offline/zh-CN"} < set(kept)
    assert response.headers["Service-Worker-Allowed"] == "/"
    assert all(client.get(one).status_code == 200 for one in kept)


def test_the_worker_is_the_same_until_something_changes(client: Visitor) -> None:
    first = client.get("/sw.js")
    assert first.text == client.get("/sw.js").text
    assert client.get("/sw.js", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_home_screen_shows_no_health_words(client: Visitor) -> None:
    manifest = client.get("/manifest.webmanifest").get_json()
    assert manifest["name"] == "Follow-up portal"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    assert all(client.get(icon["src"]).status_code == 200 for icon in manifest["icons"])
