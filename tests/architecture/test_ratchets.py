"""Limits of size and shape. The exceptions of today are named here, and the tables may only become shorter.

Each table is compared with what the code holds in both directions: a new exception fails, and so does one that is no
longer needed. Whoever mends an exception takes its line out.
"""

import ast
import inspect
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask

ROOT: Final = Path(__file__).parents[2]
PRODUCT: Final = ("portal", "app.py", "config.py")
EVERYTHING: Final = (*PRODUCT, "tests", "benchmarks")
FILE_LINES, FUNCTION_LINES, VIEW_LINES, COMPLEXITY = 400, 50, 12, 10
WRITES: Final = ("audit.begin", "session.add", "session.add_all")

LONG_FILES: Final = frozenset(
    {
        "tests/domain/test_questionnaire.py",
        "tests/support/web/fuzzing.py",
        "tests/web/staff/test_infusions.py",
    }
)
LONG_FUNCTIONS: Final[frozenset[str]] = frozenset()
# By endpoint, so that a page may move to another module.
LONG_VIEWS: Final = frozenset(
    {
        "calendar.show_calendar",
        "diary.save_diary_page",
        "diary_sync.sync_diary",
        "photos.add_photo",
        "pwa.serve_service_worker",
        "sign_in.activation.open_card",
        "sign_in.forgotten.set_pin",
        "sign_in.sign_in",
        "staff_assessments.enter_result",
        "staff_diary.show_photo",
        "staff_figures.show_rows",
        "staff_locks.lift_lock",
        "staff_messages.list_messages",
        "staff_participants.download_card",
        "staff_participants.issue_card",
        "staff_participants.show_diary",
        "staff_people.invite_member",
        "staff_rota.show_rota",
        "staff_sign_in.sign_in",
        "staff_study.show_protocol",
        "staff_trail.show_record_history",
        "staff_ward_diary.submit_diary",
        "staff_wording.check_wording",
    }
)
# Noun and function in ``services``, and what it lacks: a rule of the clock's acts as SYSTEM, a row within another act
# is covered by that act's actor.
WITHOUT_ACTOR_OR_NOW: Final = frozenset(
    {
        "lockout.count_nobody has no actor",
        "lockout.count_nobody has no now",
        "messages.close_unreceipted has no actor",
        "messages.enqueue_reply has no actor",
        "messages.plan_reminders has no actor",
        "messages.record_inbound has no actor",
        "messages.record_status has no actor",
        "participation.resume_due_participants has no actor",
        "tasks.open_task has no actor",
        "team.open_session has no actor",
        "team.write_recovery_codes has no actor",
        "watching.judge_missed_day has no actor",
        "watching.open_assumption_tasks has no actor",
    }
)


@cache
def sources(*folders: str) -> dict[str, ast.Module]:
    """Each Python file by its path, parsed."""
    files = [file for name in folders for file in sorted((ROOT / name).rglob("*.py")) or [ROOT / name]]
    return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def length(function: ast.FunctionDef) -> int:
    """From ``def`` to the last line; decorators are not counted."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def calls(tree: ast.AST) -> Iterator[str]:
    """What is called, as written: ``session.commit``."""
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def compare(found: set[str], named: frozenset[str]) -> None:
    assert sorted(found - named) == [], "beyond the limit, and no exception"
    assert sorted(named - found) == [], "within the limit again: take these out of the table"


def test_files_are_short() -> None:
    long = {path for path in sources(*EVERYTHING) if len((ROOT / path).read_text().splitlines()) > FILE_LINES}
    compare(long, LONG_FILES)


def test_functions_are_short() -> None:
    long = {
        f"{path}:{function.name}"
        for path, tree in sources(*EVERYTHING).items()
        for function in functions(tree)
        if length(function) > FUNCTION_LINES
    }
    compare(long, LONG_FUNCTIONS)


def test_views_are_short(app: Flask) -> None:
    long = set()
    for endpoint, view in app.view_functions.items():
        if "." in endpoint and endpoint != "static":
            (function,) = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(view)))).body
            assert isinstance(function, ast.FunctionDef)
            if length(function) > VIEW_LINES:
                long.add(endpoint)
    compare(long, LONG_VIEWS)


def test_functions_are_simple() -> None:
    """Ruff's McCabe count over the product; no line asks to be let off."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--ignore-noqa", "--select", "C901"]
    limit = ["--config", f"lint.mccabe.max-complexity={COMPLEXITY}"]
    found = subprocess.run([*command, *limit, *PRODUCT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_the_product_commits_in_one_function() -> None:
    """A savepoint's own ``commit`` ends no transaction."""
    committing = [
        f"{path}:{function.name}"
        for path, tree in sources(*PRODUCT).items()
        for function in functions(tree)
        for call in calls(function)
        if call.endswith(".commit") and not _is_savepoint(call.removesuffix(".commit"), function)
    ]
    assert committing == ["portal/extensions.py:transaction"]


def _is_savepoint(name: str, function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == name
        and ast.unparse(node.value).endswith(".begin_nested()")
        for node in ast.walk(function)
    )


def test_every_service_that_writes_is_given_who_and_when() -> None:
    written = {call for tree in sources("portal/services").values() for call in calls(tree)}
    assert set(WRITES) <= written, "a way to write has another name now"
    lacking = {
        (f"{path.removesuffix('.py').split('/')[2]}.{function.name}", wanted)
        for path, tree in sources("portal/services").items()
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        if set(calls(function)) & set(WRITES)
        for wanted in {"actor", "now"} - {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    }
    compare({f"{name} has no {wanted}" for name, wanted in lacking}, WITHOUT_ACTOR_OR_NOW)


def test_nothing_is_imported_from_a_test_module() -> None:
    """What several test modules need is in ``tests/support``; fixtures are in a ``conftest.py``."""
    imported = {
        f"{path} imports {module}"
        for path, tree in sources("tests", "benchmarks").items()
        for module in _imports(tree)
        if module.startswith("tests.") and any(_is_of_tests(part) for part in module.split("."))
    }
    assert imported == set()


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _is_of_tests(part: str) -> bool:
    return part == "conftest" or part.startswith("test_")
