"""Which functions of ``portal.services`` the layers above call, read from their source."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

PORTAL = Path(__file__).parents[2] / "portal"
Function = Callable[..., Any]


def functions_called_from(*layers: str) -> dict[str, Function]:
    """By name, such as ``triage.acting.claim``: every function of the services that these layers name anywhere."""
    found = {name_of(one): one for layer in layers for path in _files(PORTAL / layer) for one in _named_in(path)}
    return dict(sorted(found.items()))


def name_of(function: Function) -> str:
    return f"{function.__module__.removeprefix('portal.services.')}.{function.__name__}"


def parameters_of(function: Function) -> set[str]:
    return set(inspect.signature(function).parameters)


def _files(place: Path) -> list[Path]:
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]


def _named_in(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text())
    imported = {alias: thing for node in ast.walk(tree) for alias, thing in _imports(node)}
    things = [
        getattr(imported[node.value.id], node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and _is_module(imported, node.value.id)
    ]
    yield from (thing for thing in [*imported.values(), *things] if inspect.isfunction(thing))


def _is_module(imported: dict[str, Any], name: str) -> bool:
    return isinstance(imported.get(name), ModuleType)


def _imports(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """What a statement brings in from the services: modules, functions, classes."""
    if isinstance(node, ast.Import):
        assert not any(one.name.startswith("portal.services") for one in node.names), "say: from ... import ..."
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("portal.services", "portal")):
        for one in node.names:
            thing = _imported(str(node.module), one.name)
            if _is_of_the_services(thing):
                yield one.asname or one.name, thing


def _imported(module: str, name: str) -> Any:
    found = importlib.import_module(module)
    return getattr(found, name) if hasattr(found, name) else importlib.import_module(f"{module}.{name}")


def _is_of_the_services(thing: Any) -> bool:
    where = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", "")
    return str(where).startswith("portal.services")
