"""A page as it is shown, with a form on it filled in once more as it had been typed."""

from collections import defaultdict
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser
from typing import Final

KEPT: Final = frozenset({"hidden", "password", "file", "submit", "button", "reset", "image"})  # as the page has them
TICKED: Final = frozenset({"radio", "checkbox"})


def refilled(page: str, *, action: str, typed: Iterable[tuple[str, str]]) -> str | None:
    """The page with ``typed`` in the form that is posted to ``action``; None when it has no such form.

    Only what somebody types or ticks is put back: hidden values stay those of the page, and secrets are typed again.
    A part of the page that was folded around the form is opened. Of several that go there, it is the one with the
    hidden values that were sent.
    """
    typed = list(typed)
    forms = _Forms()
    forms.feed(page)
    place = forms.of(action, typed)
    if place is None:
        return None
    filling = _Filling(place, typed)
    filling.feed(page)
    filling.close()
    return "".join(filling.out)


class _Forms(HTMLParser):
    """The page's forms that are posted, each with its action and hidden values."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str | None, set[tuple[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append((given.get("action") if given.get("method") == "post" else None, set()))
        elif tag == "input" and given.get("type") == "hidden" and self.found:
            self.found[-1][1].add((given.get("name") or "", given.get("value") or ""))

    def of(self, action: str, typed: list[tuple[str, str]]) -> int | None:
        here = [place for place, (to, _hidden) in enumerate(self.found) if to == action]
        names = {name for name, _value in typed}
        same = [one for one in here if {pair for pair in self.found[one][1] if pair[0] in names} <= set(typed)]
        return next(iter(same or (here if len(here) == 1 else [])), None)


class _Filling(HTMLParser):
    def __init__(self, place: int, typed: list[tuple[str, str]]) -> None:
        super().__init__(convert_charrefs=False)
        self.before = place
        self.typed: dict[str, list[str]] = defaultdict(list)
        for name, value in typed:
            self.typed[name].append(value)
        self.out: list[str] = []
        self.inside = self.skipping = False
        self.folds: list[int] = []
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "details":
            self.folds.append(len(self.out))
        if tag == "form":
            self.inside = self.before == 0
            self.before -= 1
            if self.inside:
                self._unfold()
        self.out.append(self._filled(tag, given) if self.inside else self._as_it_was())
        if self.inside and tag == "textarea" and given.get("name") in self.typed:
            self.out.append("\n" + escape(self.typed[str(given["name"])].pop(0), quote=False))
            self.skipping = True

    def _filled(self, tag: str, given: dict[str, str | None]) -> str:
        name, value, kind = str(given.get("name")), str(given.get("value") or ""), given.get("type") or "text"
        if tag == "select":
            self.select = name
        if tag == "option" and self.select in self.typed:
            return _tag(tag, given, "selected", value in self.typed[self.select])
        if tag != "input" or kind in KEPT:
            return self._as_it_was()
        if kind in TICKED:
            return _tag(tag, given, "checked", value in self.typed.get(name, ()))
        if self.typed.get(name):
            return _tag(tag, {**given, "value": self.typed[name].pop(0)})
        return self._as_it_was()

    def _unfold(self) -> None:
        for place in self.folds:
            self.out[place] = self.out[place].replace("<details", "<details open", 1)
        self.folds.clear()

    def _as_it_was(self) -> str:
        return self.get_starttag_text() or ""

    def handle_startendtag(self, _tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(self._as_it_was())

    def handle_endtag(self, tag: str) -> None:
        self.skipping = self.skipping and tag != "textarea"
        self.inside = self.inside and tag != "form"
        self.select = "" if tag == "select" else self.select
        if tag == "details" and self.folds:
            self.folds.pop()
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")


def _tag(tag: str, given: dict[str, str | None], word: str = "", there: bool = False) -> str:
    kept = {name: value for name, value in given.items() if name != word} | ({word: None} if there else {})
    written = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in kept.items())
    return f"<{tag}{written}>"
