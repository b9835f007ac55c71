"""Rows of the settings: what each is, a line about it, and at its end the control."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from quartermaster.ui.parts.tags import el


@contextmanager
def group(title: str) -> Iterator[None]:
    """A card of rows under one heading."""
    with el("section", "group", aria_label=title):
        with el("div", "ghead shead"):
            el("h2", text=title)
        yield


@contextmanager
def row(title: str, hint: str, fault: str | None = None) -> Iterator[None]:
    """One row; the control is made inside the `with` block. `fault`: what a person must know of it, not the hint."""
    with el("div", "setrow"):
        with el("div"):
            el("h3", "settitle", title)
            el("p", "hintline unassigned" if fault else "hintline", fault or hint)
        with el("div", "setvalue"):
            yield
