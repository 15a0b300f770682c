"""Filling in today's diary page by page."""

from tests.support.web.visitor import Page, Visitor

TYPED = {
    "temperature-taken": "no",
    "warning-signs": "none",
    "skin-change": "no",
    "stomach-trouble": "no",
    "bowel-trouble": "no",
    "liver-signs": "none",
    "immunosuppressant": "all-taken",
    "infusion-signs": "none",
}


def fill_in(visitor: Visitor, **changes: str) -> list[str]:
    """Today's diary to its end; the paths of its pages in their order."""
    path, seen = visitor.get("/diary").location or "", []
    while "/sent/" not in path:
        seen.append(path)
        form = Page(visitor.get(path).text).form("")
        typed = {name: value for name, value in (TYPED | changes).items() if name in form.names}
        path = visitor.post(path, data=form.filled(**typed)).location or ""
    return seen
