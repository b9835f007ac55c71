"""The frame and what opens above it, in Chromium: keys, focus, drafts, requests, contrast, small screens."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.walk.barriers import barriers

ROOT = Path(__file__).parents[2]
OPEN, CLOSED, ABSENT = "/month/2026-05", "/month/2026-04", "/month/2027-01"
PATHS = (
    "/", "/first", OPEN, CLOSED, ABSENT, "/ledger", "/history", "/archive", "/settings", "/settings/backups",
    "/settings/files", "/settings/licences", "/settings/licences/inter", "/settings/sync", "/attention",
    "/month/2026-13", "/no/such/page",
)  # fmt: skip
MOST_REQUESTS_COLD, MOST_REQUESTS_WARM = 25, 10
NARROW = 760


class Server:
    """The pages on a port of their own; can be stopped and started again on the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST", "NICEGUI"))}
        kept |= {"PYTHONPATH": str(ROOT), "NICEGUI_STORAGE_PATH": str(self.folder / "storage")}
        command = [
            sys.executable,
            str(Path(__file__).with_name("serving.py")),
            str(self.port),
            str(self.folder / "q.db"),
        ]
        self.process = subprocess.Popen(command, env=kept, cwd=self.folder, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                httpx.get(f"{self.url}/settings/backups/none")
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the pages did not come up")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("pages"))
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_function("window.did_handshake === true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_no_page_has_a_serious_barrier_or_scrolls_sideways(
    browser: Browser, server: Server, scheme: Any, width: int
) -> None:
    context = browser.new_context(
        base_url=server.url, color_scheme=scheme, viewport={"width": width, "height": 800}, reduced_motion="reduce"
    )
    page = context.new_page()
    for path in PATHS:
        open_page(page, path)
        assert barriers(page) == [], path
    for path in ("/", OPEN, CLOSED):
        open_page(page, path)
        page.get_by_role("button", name="Groceries", exact=True).click()
        page.wait_for_selector(".under, .postings")
        if path == OPEN and width > NARROW:
            page.get_by_role("button", name="Planned for Eating out").click()
        page.wait_for_timeout(200)
        assert barriers(page) == [], f"{path} with an open row"
    for key, dialog in (("a", "quick-add"), ("Control+k", "palette"), ("?", "keys")):
        open_page(page, "/archive")
        page.keyboard.press(key)
        expect(page.locator(f"#{dialog}")).to_be_visible()
        page.wait_for_timeout(200)
        assert barriers(page) == [], dialog
    context.close()


@pytest.mark.parametrize("path", ["/", OPEN, "/archive"])
def test_a_page_comes_within_its_requests_cold_and_warm(page: Page, path: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, path)
    page.wait_for_timeout(300)
    assert len(asked) <= MOST_REQUESTS_COLD
    assert not [address for address in asked if "roboto" in address.lower() or "icons" in address.lower()]
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    cached: list[str] = []
    client.on("Network.requestServedFromCache", lambda event: cached.append(event["requestId"]))
    asked.clear()
    page.reload()
    page.wait_for_function("window.did_handshake === true")
    page.wait_for_timeout(300)
    assert len(asked) - len(cached) <= MOST_REQUESTS_WARM


def test_quick_add_takes_four_fields_and_an_enter_and_can_be_undone(page: Page) -> None:
    open_page(page, "/archive")
    zero = page.locator("a.row").first.inner_text()
    page.keyboard.press("a")
    page.keyboard.type("Green Basket")
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Groceries")
    page.keyboard.press("Tab")
    page.keyboard.type("12.50+3*4")
    page.keyboard.press("Enter")
    expect(page.locator(".snackbar")).to_contain_text("24.50 added to Groceries.")
    expect(page.locator("#quick-add")).not_to_be_visible()
    expect(page.locator("a.row").first).not_to_have_text(zero, use_inner_text=True)
    page.keyboard.press("u")
    expect(page.locator("a.row").first).to_have_text(zero, use_inner_text=True)


def test_a_refused_amount_stays_in_its_field_with_the_sentence_beneath(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    page.keyboard.type("Green Basket")
    page.keyboard.press("Tab")
    page.keyboard.type("1e999")
    page.keyboard.press("Enter")
    amount = page.locator("input[name=amount]")
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{amount.get_attribute('aria-describedby')}")).to_contain_text("“1e999”")
    expect(amount).to_have_value("1e999")
    expect(amount).to_be_focused()


def test_an_entry_chosen_by_hand_is_not_overruled_by_the_payee(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    expect(page.locator("select[name=entry_id] option")).not_to_have_count(0)
    page.locator("select[name=entry_id]").select_option(label="Clothes")
    page.locator("input[name=payee]").fill("Green Basket")
    page.wait_for_timeout(500)
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Clothes")


def test_a_second_tap_on_add_over_a_slow_link_adds_nothing(page: Page, server: Server) -> None:
    held: list[str | bytes] = []
    sockets: list[WebSocketRoute] = []
    is_slow = False

    def routed(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        upstream = socket.connect_to_server()
        upstream.on_message(lambda message: held.append(message) if is_slow else socket.send(message))

    page.route_web_socket(re.compile("socket.io"), routed)
    open_page(page, "/archive")
    page.keyboard.press("a")
    expect(page.locator("select[name=entry_id] option")).not_to_have_count(0)
    page.locator("input[name=payee]").fill("Slow Link Shop")
    page.locator("input[name=amount]").fill("7.77")
    page.locator("select[name=entry_id]").select_option(label="Clothes")
    page.wait_for_timeout(500)
    is_slow = True
    add = page.locator("#quick-add").get_by_role("button", name="Add")
    add.click()
    wait_for(lambda: added(server, "Slow Link Shop") == 1)
    add.click()
    page.wait_for_timeout(500)
    is_slow = False
    for message in held:
        sockets[-1].send(message)
    expect(page.locator(".snackbar")).to_contain_text("7.77 added to Clothes.")
    expect(page.locator("#quick-add")).not_to_be_visible()
    assert added(server, "Slow Link Shop") == 1


def test_a_refused_quick_add_gives_back_all_four_fields(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    expect(page.locator("select[name=entry_id] option")).not_to_have_count(0)
    page.locator("input[name=payee]").fill("Some Shop")
    page.locator("input[name=amount]").fill("0")
    page.locator("select[name=entry_id]").select_option(label="Clothes")
    page.locator("input[name=day]").fill("2026-05-03")
    page.locator("input[name=amount]").press("Enter")
    expect(page.locator("input[name=amount]")).to_have_attribute("aria-invalid", "true")
    for name, value in (("payee", "Some Shop"), ("amount", "0"), ("day", "2026-05-03")):
        expect(page.locator(f"#quick-add [name={name}]")).to_have_value(value)
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Clothes")
    assert barriers(page) == []


def test_another_date_keeps_the_suggestion_and_what_was_chosen_by_hand(page: Page) -> None:
    open_page(page, "/archive")
    chosen = page.locator("select[name=entry_id] option:checked")
    page.get_by_role("link", name="April 2026").wait_for()
    other = page.context.new_page()
    open_page(other, CLOSED)
    other.get_by_role("button", name="Reopen").click()
    expect(other.get_by_role("button", name="Close month")).to_be_visible()
    page.keyboard.press("a")
    entry = page.locator("select[name=entry_id]")
    page.locator("input[name=payee]").fill("Green Basket")
    expect(chosen).to_have_text("Groceries")
    of_may = entry.input_value()
    page.locator("#quick-add input[name=day]").fill("2026-04-30")
    expect(entry).not_to_have_value(of_may)
    expect(chosen).to_have_text("Groceries")
    entry.select_option(label="Clothes")
    of_april = entry.input_value()
    page.locator("#quick-add input[name=day]").fill("2026-05-02")
    expect(entry).not_to_have_value(of_april)
    expect(chosen).to_have_text("Clothes")
    other.get_by_role("button", name="Close month").click()
    expect(other.locator(".thestamp")).to_be_visible()


def added(server: Server, payee: str) -> int:
    """How many postings of this payee are in the file."""
    with closing(sqlite3.connect(server.folder / "q.db")) as file:
        [(count,)] = file.execute("SELECT count(*) FROM posting WHERE payee = ? AND deleted = 0", (payee,)).fetchall()
    return int(count)


def wait_for(done: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_keys_do_nothing_while_typing_or_in_a_dialog(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("Control+k")
    page.keyboard.type("a?u")
    expect(page.locator("#palette input")).to_have_value("a?u")
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_palette_goes_where_the_typed_words_lead(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("Control+k")
    page.keyboard.type("backups")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/backups")


def test_the_arrows_choose_in_the_palette(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("Control+k")
    page.keyboard.type("theme")
    expect(page.locator(".pline")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".pline[aria-selected=true]")).to_have_attribute("data-at", "1")
    chosen = page.locator(".pline[aria-selected=true]").get_attribute("id")
    expect(page.locator("#palette input")).to_have_attribute("aria-activedescendant", str(chosen))


def test_another_tab_sees_a_change_without_losing_focus_or_words(page: Page) -> None:
    open_page(page, "/archive")
    other = page.context.new_page()
    open_page(other, "/archive")
    other.keyboard.press("a")
    other.keyboard.type("Half a wo")
    zero = other.locator("a.row").first.inner_text()
    page.keyboard.press("a")
    page.keyboard.type("Green Basket")
    expect(page.locator("select[name=entry_id] option:checked")).to_have_text("Groceries")
    page.keyboard.press("Tab")
    page.keyboard.type("1.00")
    page.keyboard.press("Enter")
    expect(page.locator(".snackbar")).to_be_visible()
    expect(other.locator("a.row").first).not_to_have_text(zero, use_inner_text=True, timeout=1000)
    other.keyboard.type("rd")
    expect(other.locator("input[name=payee]")).to_have_value("Half a word")


def test_a_restart_of_the_server_loses_nothing_that_was_typed(page: Page, server: Server) -> None:
    open_page(page, "/archive")
    page.keyboard.press("a")
    page.keyboard.type("Marlow <b>Market</b>")
    page.wait_for_timeout(1500)
    server.stop()
    server.start()
    page.goto("/archive")
    page.wait_for_function("window.did_handshake === true")
    page.keyboard.press("a")
    expect(page.locator("input[name=payee]")).to_have_value("Marlow <b>Market</b>")


def test_the_first_tab_skips_to_the_page(page: Page) -> None:
    open_page(page, "/archive")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("a.row").first).to_be_focused()


def test_what_is_tapped_on_a_phone_is_large_enough(browser: Browser, server: Server) -> None:
    context = browser.new_context(base_url=server.url, viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    for path in PATHS:
        open_page(page, path)
        assert too_small(page) == [], path
    for path in ("/", OPEN, CLOSED):
        open_page(page, path)
        page.get_by_role("button", name="Groceries", exact=True).click()
        page.wait_for_selector(".under, .postings")
        assert too_small(page) == [], f"{path} with an open row"
    context.close()


def too_small(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('a,button,input,select')].filter((e) => e.checkVisibility() && "
        "!e.matches('.skip,.addentry .iconbtn') && e.getBoundingClientRect().height < 44)"
        ".map((e) => e.outerHTML.slice(0, 90))"
    )
    return found
