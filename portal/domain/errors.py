"""Everything that may go wrong on purpose. A code each, never HTML: ``web/errors.py`` turns them into pages."""

from collections.abc import Mapping


class PortalError(Exception):
    """``code`` is stable and may be logged; ``message`` is an English msgid without personal or health data."""

    code = "error"

    def __init__(self, message: str = "", **params: object) -> None:
        super().__init__(message or self.code)
        self.message = message
        self.params = params


class NotFound(PortalError):
    code = "not-found"


class NotAllowed(PortalError):
    code = "not-allowed"


class Conflict(PortalError):
    """Somebody else was first, or the state no longer allows it."""

    code = "conflict"


class Locked(Conflict):
    """The data have been frozen or locked (``domain/locking``)."""

    code = "locked"


class Invalid(PortalError):
    """Input that a person can mend: ``problems`` maps a field name or linkId to a msgid."""

    code = "invalid"

    def __init__(self, message: str = "", problems: Mapping[str, str] | None = None, **params: object) -> None:
        super().__init__(message, **params)
        self.problems = dict(problems or {})


class TooMany(PortalError):
    """Slow down. ``retry_after_seconds`` says how long."""

    code = "too-many"

    def __init__(self, message: str = "", *, retry_after_seconds: int = 60, **params: object) -> None:
        super().__init__(message, **params)
        self.retry_after_seconds = retry_after_seconds
