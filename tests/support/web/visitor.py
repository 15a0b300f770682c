"""A browser without scripts: it reads the forms of a page, sends them back, and holds every page to the house rules."""

import re
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.extensions import db

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "path"}
DRAWN = {"circle", "rect", "line", "polyline", "polygon", "use"}
TYPED = {"hidden", "text", "email", "tel", "number", "password", "date", "time"}


@dataclass
class Form:
    """Where it goes and what it holds, as the browser would send it untouched; ``buttons`` are (name, value)."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def filled(self, **typed: Any) -> dict[str, Any]:
        """The values to send. Naming a field that is not there is a fault of the test; None takes one away."""
        unknown = set(typed) - self.names
        assert not unknown, f"the form has no {unknown}, only {self.names}"
        values = {**dict(self.values), **typed}
        return {name: value for name, value in values.items() if value is not None}


# In a token or nonce any four letters may meet by chance: small and great letters and digits in one long run.
TOKEN = re.compile(r"(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{20,}", re.ASCII)


def without_tokens(source: str) -> str:
    """What somebody wrote of a page's source, for words that must not be in it."""
    return TOKEN.sub("", source)


class Page(HTMLParser):
    """What a page says: its title, headings, forms, ids, labels, links and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = ""
        self.headings: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self.fors: list[str] = []
        self.fields: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.styles: list[dict[str, str | None]] = []
        self.references: list[str] = []
        self.words = ""
        self.lang: str | None = None
        self._open: list[str] = []
        self._chosen = self._written = ""
        self.faults: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self.faults.append(f"{tag} says an attribute twice")
        if tag not in VOID | DRAWN:
            self._open.append(tag)
        self._note(tag, given)
        getattr(self, f"_{tag}", lambda _given: None)(given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:]}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["title"]:
            self.title += data
        if self._open[-1:] == ["textarea"] and data.removeprefix("\n"):
            self.forms[-1].values.append((self._written, data.removeprefix("\n")))
        if self.headings and any(tag in self._open for tag in ("h1", "h2", "h3")):
            tag, words = self.headings[-1]
            self.headings[-1] = (tag, words + data)
        if self._open and not {"script", "style", "title"} & set(self._open):
            self.words += data

    def _note(self, tag: str, given: dict[str, str | None]) -> None:
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if given.get("style") or any(name.startswith("on") for name in given):
            self.faults.append(f"{tag} carries its own style or script")
        for name in ("aria-describedby", "aria-controls", "aria-labelledby"):
            self.references += (given.get(name) or "").split()
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append((tag, ""))

    def _html(self, given: dict[str, str | None]) -> None:
        self.lang = given.get("lang")

    def _a(self, given: dict[str, str | None]) -> None:
        self.links.append(given.get("href") or "")

    def _script(self, given: dict[str, str | None]) -> None:
        self.scripts.append(given)

    def _link(self, given: dict[str, str | None]) -> None:
        self.styles.append(given)

    def _label(self, given: dict[str, str | None]) -> None:
        self.fors.append(given.get("for") or "")

    def _form(self, given: dict[str, str | None]) -> None:
        self.forms.append(Form(given.get("action") or "", (given.get("method") or "get").lower()))

    def _input(self, given: dict[str, str | None]) -> None:
        kind, name = given.get("type") or "text", given.get("name")
        if kind != "hidden":
            self.fields.append(given)
        if name and self.forms:
            self.forms[-1].names.add(name)
            if kind in TYPED or "checked" in given:
                self.forms[-1].values.append((name, given.get("value") or ""))

    def _textarea(self, given: dict[str, str | None]) -> None:
        self.fields.append(given)
        self._written = given["name"] or ""
        self.forms[-1].names.add(self._written)

    def _select(self, given: dict[str, str | None]) -> None:
        self.fields.append(given)
        self._chosen = given["name"] or ""
        self.forms[-1].names.add(self._chosen)

    def _option(self, given: dict[str, str | None]) -> None:
        if "selected" in given:
            self.forms[-1].values.append((self._chosen, given.get("value") or ""))

    def _button(self, given: dict[str, str | None]) -> None:
        if given.get("name") and self.forms:
            self.forms[-1].buttons.append((given["name"] or "", given.get("value") or ""))

    def form(self, action: str) -> Form:
        """The form that is sent to ``action``."""
        found = [form for form in self.forms if form.action == action]
        assert found, f"no form goes to {action}, only {[form.action for form in self.forms]}"
        return found[0]

    def says(self, words: str) -> bool:
        return words in " ".join(self.words.split())

    def broken_rules(self) -> list[str]:
        """What the house does not allow on any page."""
        h1 = [" ".join(words.split()) for tag, words in self.headings if tag == "h1"]
        doubled = {one for one in self.ids if self.ids.count(one) > 1}
        unlabelled = [one.get("id") for one in self.fields if one.get("id") not in self.fors]
        rules = {
            f"{len(h1)} h1": len(h1) != 1,
            f"title {self.title!r} does not begin like the h1 {h1}": bool(h1) and not begin_alike(self.title, h1[0]),
            f"ids twice: {doubled}": bool(doubled),
            f"fields without a label: {unlabelled}": bool(unlabelled),
            "a script without a nonce": any(not one.get("nonce") for one in self.scripts),
            "something from another place": any(
                (one.get("src") or one.get("href") or "").startswith(("http", "//"))
                for one in self.scripts + self.styles
            ),
            f"points at nothing: {set(self.references) - set(self.ids)}": bool(set(self.references) - set(self.ids)),
            "no language": not self.lang,
            f"left open: {self._open}": bool(self._open),
        }
        return self.faults + [words for words, broken in rules.items() if broken]


def begin_alike(title: str, heading: str) -> bool:
    """The heading opens the title, or the title's first part opens a heading that says more."""
    return title.startswith(heading) or heading.startswith(title.split(" - ", maxsplit=1)[0])


class Visitor(FlaskClient):
    """Flask's client, which refuses to show a page that breaks the rules. ``visit`` reads, ``submit`` sends a form.

    Each request runs in an empty context: the application context that a test stands in would lend it its ``g``, and
    with it the user and the clock of the request before.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()
        response = Context().run(partial(super().open, *args, **kwargs))
        shown = response.request.method != "HEAD" and not 300 <= response.status_code < 400
        if shown and response.mimetype == "text/html":
            broken = Page(response.text).broken_rules()
            assert not broken, f"{response.request.path}: {broken}"
        return response

    def visit(self, path: str) -> Page:
        """The page at ``path``, redirects followed."""
        response = self.get(path, follow_redirects=True)
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return Page(response.text)

    def submit(self, path: str, *, action: str | None = None, page: Page | None = None, **typed: Any) -> TestResponse:
        """Open ``path``, fill in the form that goes to ``action`` (default: the same path), and send it."""
        shown = page or self.visit(path)
        form = shown.form(action or path)
        return self.post(action or path, data=form.filled(**typed))
