"""Printing: the window's own dialog, and what comes onto the paper."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.running import Program
from tests.window.opened import Opened


def test_a_page_is_printed_into_a_file(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        window.key("ctrl+p")
        window.until_titled("Print")
        # The list of printers, its one line, and the button.
        window.key("Tab", "Down", "alt+p")
        made = window.folder / "started-from" / "output.pdf"
        window.until(lambda: made.exists() and made.read_bytes().rstrip().endswith(b"%%EOF"))
        assert made.read_bytes().startswith(b"%PDF")
        assert window.close() == 0


def test_on_paper_there_is_the_page_alone_on_white(browser: Browser, tmp_path: Path) -> None:
    with Program(tmp_path, "demo", env={"DISPLAY": None, "WAYLAND_DISPLAY": None}) as program:
        page = browser.new_page(color_scheme="dark", viewport={"width": 688, "height": 990})
        page.goto(f"{program.url}/")
        expect(page.get_by_text("Groceries", exact=True)).to_be_visible()
        page.emulate_media(media="print")
        for left_out in (".rail", ".search", ".fab", ".addentry", ".banner .btn"):
            for control in page.locator(left_out).all():
                expect(control).to_be_hidden()
        expect(page.locator("h1")).to_have_text("Plan")
        expect(page.get_by_text("Groceries", exact=True)).to_be_visible()
        for name, colour in (("background-color", "rgb(255, 255, 255)"), ("color", "rgb(17, 17, 17)")):
            expect(page.locator("body")).to_have_css(name, colour)
        page.close()
