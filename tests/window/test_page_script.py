"""What the window's script makes of a page's links and keys: tried in a browser, with a desk that writes down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

SCRIPT = Path(__file__).parents[2] / "quartermaster/window/page.js"
ORIGIN = "http://127.0.0.1:9"
HTML = """<!doctype html><title>Plan · Quartermaster</title><body>
<a id="own" href="/archive">own</a> <a id="blank" href="/archive" target="_blank">own, elsewhere</a>
<a id="far" href="https://example.org/a?b">far</a> <a id="mail" href="mailto:sam@example.org">mail</a>
<a id="copy" href="/settings/backups/a.db" download="a.db">copy</a> <a id="made" download="made.csv">made</a>
<button id="opens" onclick="window.open('/month/2026-05', '_self')">navigate</button>
<button id="opens-blank" onclick="window.open('/month/2026-05', '_blank')">navigate</button>
<button id="opens-far" onclick="window.open('https://example.org/')">leave</button>
<script>document.getElementById("made").href = URL.createObjectURL(new Blob(["a;b"]))</script>"""
DESK = """
window.said = [];
window.print = () => said.push(["printed"]);
window.pywebview = {api: Object.fromEntries(["titled", "visited", "zoom", "close", "open_outside", "save", "save_bytes"]
  .map((name) => [name, (...words) => { said.push([name, ...words]) }]))};
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of the program's origin, in the window."""
    page = browser.new_page()
    page.route(f"{ORIGIN}/**", lambda route: route.fulfill(body=HTML, content_type="text/html; charset=utf-8"))
    page.goto(f"{ORIGIN}/?a=b")
    page.evaluate(DESK)
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    yield page
    page.close()


def said(page: Page, *names: str) -> list[list[Any]]:
    heard: list[list[Any]] = page.evaluate("window.said ?? []")
    return [line for line in heard if line[0] in names]


@pytest.mark.parametrize("id", ["own", "blank"])
def test_a_link_to_an_own_page_stays_in_the_window(page: Page, id: str) -> None:
    page.click(f"#{id}")
    page.wait_for_url(f"{ORIGIN}/archive")
    assert len(page.context.pages) == 1


@pytest.mark.parametrize("id", ["own", "blank"])
def test_even_with_the_keys_that_open_another_window(page: Page, id: str) -> None:
    page.click(f"#{id}", modifiers=["Control"])
    page.wait_for_url(f"{ORIGIN}/archive")
    assert len(page.context.pages) == 1


@pytest.mark.parametrize("id", ["opens", "opens-blank"])
def test_what_the_program_navigates_to_stays_in_the_window(page: Page, id: str) -> None:
    page.click(f"#{id}")
    page.wait_for_url(f"{ORIGIN}/month/2026-05")
    assert len(page.context.pages) == 1


def test_what_is_not_ours_is_for_the_browser(page: Page) -> None:
    for link in ("far", "mail", "opens-far"):
        page.click(f"#{link}")
    assert [line[1] for line in said(page, "open_outside")] == [
        "https://example.org/a?b",
        "mailto:sam@example.org",
        "https://example.org/",
    ]
    assert page.url == f"{ORIGIN}/?a=b"


def test_a_download_is_the_desks(page: Page) -> None:
    page.click("#copy")
    page.click("#made")
    page.wait_for_function("said.some(([name]) => name === 'save_bytes')")
    assert said(page, "save", "save_bytes") == [
        ["save", "a.db", "/settings/backups/a.db"],
        ["save_bytes", "made.csv", "YTti"],
    ]


def test_the_window_is_told_of_the_title_and_of_the_page(page: Page) -> None:
    page.evaluate("document.title = 'May 2026 · Quartermaster'")
    page.wait_for_function("said.length >= 3")
    assert said(page, "titled") == [["titled", "Plan · Quartermaster"], ["titled", "May 2026 · Quartermaster"]]
    assert said(page, "visited") == [["visited", "/?a=b"]]


def test_a_page_that_its_style_zooms_is_as_tall_as_the_window(page: Page) -> None:
    """As native.py zooms where the webview cannot."""
    page.add_style_tag(content="#tall { position: absolute; top: 0; height: var(--tall, 100dvh); }")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div id=tall></div>')")
    for factor in (1.5, 0.8, 1):
        page.evaluate(f"document.documentElement.style.zoom = {factor}; dispatchEvent(new Event('resize'))")
        for height in (640, 480):
            page.set_viewport_size({"width": 900, "height": height})
            tall = "Math.round(document.getElementById('tall').getBoundingClientRect().height)"
            page.wait_for_function(f"{tall} === {height}")


def test_its_keys(page: Page) -> None:
    for key in ("+", "-", "0", "w", "q", "p"):
        page.keyboard.press(f"Control+{key}")
    assert said(page, "zoom", "close", "printed") == [
        ["zoom", 1], ["zoom", -1], ["zoom", 0], ["close"], ["close"], ["printed"],
    ]  # fmt: skip
    page.click("#own")
    page.wait_for_url(f"{ORIGIN}/archive")
    page.evaluate(DESK)
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    page.keyboard.press("Alt+ArrowLeft")
    page.wait_for_url(f"{ORIGIN}/?a=b")


def test_a_script_that_comes_before_the_desk_leaves_it_to_the_next_one(browser: Browser) -> None:
    """The one of a page that was just left may run in the new one."""
    page = browser.new_page()
    page.route(f"{ORIGIN}/**", lambda route: route.fulfill(body=HTML, content_type="text/html; charset=utf-8"))
    page.goto(f"{ORIGIN}/")
    script = SCRIPT.read_text(encoding="utf-8")
    for desk in ("", "window.pywebview = {api: {}}", DESK):
        page.evaluate(desk)
        page.evaluate(script)
    page.evaluate(script)
    assert said(page, "visited") == [["visited", "/"]]
    page.close()
