"""What a person does on the pages, in the words of the pages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date

from playwright.sync_api import Locator, Page, expect

from quartermaster.domain.year_month import YearMonth
from quartermaster.services import months
from quartermaster.services.starter import fill
from tests.running import Program, patience

A_SECOND_S = 1.0
ATTEMPTS = 8


def open_page(page: Page, path: str = "/") -> None:
    page.goto(path)
    ready(page)


def ready(page: Page) -> None:
    """Wait until the page answers to what is done on it."""
    page.wait_for_function("window.did_handshake === true")


def this_month() -> YearMonth:
    return YearMonth.of(date.today())  # noqa: DTZ011  # the program's own word for today


def start_with_the_starter(page: Page) -> None:
    open_page(page)
    page.get_by_role("button", name="Start with this").click()
    expect(row(page, "Groceries")).to_be_visible()


def start_month(page: Page) -> None:
    open_page(page, f"/month/{this_month()}")
    page.get_by_role("button", name="Start").click()
    expect(row(page, "Groceries")).to_be_visible()


def live_in(program: Program) -> None:
    """The starter plan, and this month started from it: in no time, where it is not about how one comes there."""
    with closing(program.store()) as store, store.write() as work:
        fill(work)
        months.start_month(work, this_month())


def row(page: Page, name: str) -> Locator:
    """The row of an entry."""
    return page.locator(".row", has=page.get_by_role("button", name=name, exact=True))


def open_row(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-expanded", "true")


def open_group(page: Page, title: str) -> None:
    """Open a group of sections, unless it is open."""
    header = page.locator(".ghead", has_text=title)
    if header.get_attribute("aria-expanded") == "false":
        header.click()
    expect(header).to_have_attribute("aria-expanded", "true")


def add_row(page: Page) -> Locator:
    """The row at the top of an open ledger, into which the next posting is typed."""
    return page.locator("form.p.add").first


def post(page: Page, payee: str, amount: str) -> None:
    """Type a posting into the open ledger, and Enter."""
    add_row(page).get_by_label("Payee").fill(payee)
    add_row(page).get_by_label("Amount").fill(amount)
    add_row(page).get_by_label("Amount").press("Enter")


def postings(page: Page) -> Locator:
    return page.locator(".postings .p[role=listitem]")


def hero(page: Page) -> Locator:
    """The zero amount at the top, with its words."""
    return page.locator(".hero")


def another_tab(page: Page, path: str) -> Page:
    """A new tab of the same browser in the place of this one: what it shows of typed words, the server kept."""
    other = page.context.new_page()
    page.close()
    open_page(other, path)
    return other


def wait_until_kept(program: Program, *typed: str) -> None:
    """Wait until these words stand in what is being typed, on disk, where they outlive tab and process."""
    folder = program.folder / "browsers"

    def is_kept() -> bool:
        kept = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.json"))
        return all(json.dumps(words) in kept for words in typed)

    program.until(is_kept)


def once_within_a_second(do: Callable[[int], None], seen: Callable[[int], None]) -> bool:
    """Whether what is done, the first time or a later one, is seen within a second.

    A machine that is busy with other things is late now and then, or gets as much longer as it is busier than it can
    be; a program that is too slow is late each time.
    """

    def seconds(attempt: int) -> float:
        do(attempt)
        began = time.monotonic()
        seen(attempt)
        return time.monotonic() - began

    return any(seconds(attempt) < patience(A_SECOND_S) for attempt in range(ATTEMPTS))


def connect(page: Page, address: str) -> None:
    open_page(page, "/settings/sync")
    page.get_by_label("Address").fill(address)
    page.get_by_role("button", name="Connect", exact=True).click()


def connected(page: Page) -> None:
    """Wait until the connection is kept and the page has begun anew with the server's household."""
    expect(page.locator(".snackbar")).to_contain_text("Connected")
