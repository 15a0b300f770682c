"""Marking of texts that are translated where they are shown."""


def N_(text: str) -> str:  # noqa: N802
    """Return ``text`` unchanged: marks an English msgid for extraction by gettext."""
    return text
