"""Templates and routes are compiled once for all the applications that tests make: each test has one of its own."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

TEMPLATES: Final[dict[str, bytes]] = {}


class SharedTemplates(BytecodeCache):
    """Byte code by template and content, in this process's memory."""

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := TEMPLATES.get(bucket.key + bucket.checksum)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        TEMPLATES[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


def share_url_builders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Werkzeug compiles a function for each route of an application; that takes most of the time of making one.

    The function depends on the parts of the route and its defaults alone: converters are looked up when it is called.
    """
    compile_builder = Rule._compile_builder
    kept: dict[object, Callable[..., tuple[str, str]]] = {}

    def shared(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    monkeypatch.setattr(Rule, "_compile_builder", shared)
