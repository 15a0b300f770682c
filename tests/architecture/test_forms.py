"""One way for a form to be sent, refused and shown again: ``portal/web/forms.py``."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.domain import errors

WEB = Path(__file__).resolve().parents[2] / "portal" / "web"
# ``forms`` shows a form again, ``errors`` has the pages; the third draws a page of another address and may find none.
CATCHING = {"forms.py", "errors.py", "staff/form_recovery.py"}
SOURCES = {str(path.relative_to(WEB)): ast.parse(path.read_text()) for path in sorted(WEB.rglob("*.py"))}


def subclasses(kind: type) -> Iterator[str]:
    yield kind.__name__
    for one in kind.__subclasses__():
        yield from subclasses(one)


DOMAIN_ERRORS = set(subclasses(errors.PortalError))


def names(tree: ast.AST | None) -> set[str]:
    """Every name in an expression, and the last part of a dotted one."""
    found = ast.walk(tree) if tree is not None else ()
    return {getattr(node, "id", getattr(node, "attr", "")) for node in found}


def caught(tree: ast.AST) -> Iterator[set[str]]:
    """What is caught, by ``except`` or by an error handler of a blueprint."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            yield names(node.type)
        elif isinstance(node, ast.Call) and {"errorhandler", "app_errorhandler"} & names(node.func):
            yield set().union(*(names(argument) for argument in node.args))


@pytest.mark.parametrize("path", sorted(set(SOURCES) - CATCHING))
def test_no_view_catches_a_domain_error(path: str) -> None:
    assert [kinds & DOMAIN_ERRORS for kinds in caught(SOURCES[path]) if kinds & DOMAIN_ERRORS] == []


def test_every_form_has_the_one_base_class() -> None:
    based = [
        (path, node.name)
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and "FlaskForm" in set().union(*(names(base) for base in node.bases))
    ]
    assert based == [("forms.py", "Form")]


def test_the_transaction_is_inside_so_that_a_refusal_is_not_committed() -> None:
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                order = [name for one in node.decorator_list for name in ("submits", "writes") if name in names(one)]
                assert order in ([], ["submits"], ["writes"], ["submits", "writes"]), (path, node.name)
