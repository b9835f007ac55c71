"""Typed text as a pattern for LIKE. SQLite knows the two cases of ASCII letters only, so whoever asks looks again."""

from __future__ import annotations


def starting(text: str) -> str:
    """Fits what starts with the text, and more where it has letters beyond ASCII."""
    return f"{like(text)}%"


def holding(text: str) -> str:
    """Fits what holds the text, and more where it has letters beyond ASCII."""
    return f"%{like(text)}%"


def like(text: str) -> str:
    """Fits the text in either case; a letter beyond ASCII fits any one letter. A backslash is the escape."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return "".join(letter if letter.isascii() else "_" for letter in escaped)
