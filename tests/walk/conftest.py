"""The real program, walked through in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.running import WITHIN_S, Program


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A server of its own, on an empty file."""
    with Program(tmp_path) as program:
        yield program


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[Program], Page]]:
    """A person at a laptop who opens the program in a browser of their own; no page may raise an error."""
    contexts = []
    complaints: list[str] = []

    def visit(program: Program) -> Page:
        context = browser.new_context(base_url=program.url, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(WITHIN_S * 1000)
        contexts.append(context)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Program]:
    """Another program with an empty file of its own, beside the server."""
    folder = tmp_path / "laptop"
    folder.mkdir()
    with Program(folder, env={"XDG_CONFIG_HOME": str(folder / "config")}) as laptop:
        yield laptop
