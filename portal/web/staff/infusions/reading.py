"""What comes in with a form beside its fields."""

from flask import request


def read_version() -> int | None:
    """Of the plan that the page showed on which somebody decided."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else None


def is_pressed(act: str) -> bool:
    """Which button of the form was pressed."""
    return request.form.get("do") == act
