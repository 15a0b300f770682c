"""Pages are compressed for whom takes it, and their length says little about what is in them."""

import gzip

from flask import Flask

TAKES = {"Accept-Encoding": "gzip"}


def test_a_page_is_compressed_for_a_browser_that_takes_it(app: Flask) -> None:
    packed = app.test_client().get("/offline/en", headers=TAKES)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data).startswith(b"<!DOCTYPE html>")


def test_it_is_not_for_one_that_does_not(app: Flask) -> None:
    assert "Content-Encoding" not in app.test_client().get("/offline/en").headers


def test_the_length_says_little_about_the_content(app: Flask) -> None:
    client = app.test_client()
    assert len({len(client.get("/sw.js", headers=TAKES).data) for _ in range(20)}) > 3
