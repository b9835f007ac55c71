"""Postings out into a file and in from one, through the browser's own file dialog."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from quartermaster.domain.money import Money
from quartermaster.formats.posting_file import read
from tests.living import line, plan_entry, started
from tests.running import Program
from tests.walk.walking import open_page, this_month


def day() -> date:
    """In this month, also where the tests began in the one before."""
    return this_month().first_day


@pytest.fixture
def page(program: Program, visit: Callable[[Program], Page]) -> Page:
    with closing(program.store()) as store:
        plan_entry(store)
        started(store, this_month())
    page = visit(program)
    open_page(page, "/settings/files")
    return page


def choose(page: Page, *rows: str) -> None:
    choose_bytes(page, "\n".join(["date,entry,amount,payee", *rows]).encode())


def choose_bytes(page: Page, content: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file…").click()
    chooser.value.set_files(FilePayload(name="bank.csv", mimeType="text/csv", buffer=content))


def applied(program: Program) -> int:
    with closing(program.store()) as store:
        return line(store, "Groceries", this_month()).applied


def test_a_file_is_looked_at_then_added_and_can_be_undone(program: Program, page: Page) -> None:
    choose(page, f"{day()},Groceries,12.50,Marlow Market", f"{day()},groceries,3,<b>Baker</b>")
    seen = page.locator(".seen-file")
    expect(seen).to_contain_text(f"2 postings to add, in {this_month().title}.")
    assert applied(program) == 0
    seen.get_by_role("button", name="Add 2 postings").click()
    expect(page.locator(".snackbar")).to_contain_text("2 postings added.")
    assert applied(program) == 1_550
    choose(page, f"{day()},Groceries,12.50,Marlow Market", f"{day()},groceries,3,<b>Baker</b>")
    expect(seen).to_contain_text("Nothing to add: 2 postings are here already.")
    page.locator(".snackbar").get_by_role("button", name="Undo").click()
    program.until(lambda: applied(program) == 0)


def test_a_fault_is_named_and_a_mended_file_of_the_same_name_can_be_chosen(program: Program, page: Page) -> None:
    choose(page, f"{day()},Groceries,12.50,", f"{day()},<img src=x onerror=alert(1)>,1,")
    seen = page.locator(".seen-file")
    said = f"Line 3{this_month().title} has no entry “<img src=x onerror=alert(1)>”. Add it there, or name another one."
    expect(seen.locator("li")).to_have_text([said])
    expect(seen.get_by_role("button")).to_have_count(0)
    choose(page, f"{day()},Groceries,12.50,")
    seen.get_by_role("button", name="Add 1 posting").click()
    expect(page.locator(".snackbar")).to_contain_text("1 posting added.")
    assert applied(program) == 1_250


def test_a_picture_is_no_list_of_postings(page: Page) -> None:
    choose_bytes(page, b"\x89PNG\r\n\x1a\n\x00\xff")
    expect(page.locator(".seen-file")).to_contain_text("This is no list of postings.")


def test_what_is_exported_is_every_posting(program: Program, page: Page, tmp_path: Path) -> None:
    choose(page, f"{day()},Groceries,12.50,=Marlow")
    page.get_by_role("button", name="Add 1 posting").click()
    expect(page.locator(".snackbar")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export postings").click()
    assert download.value.suggested_filename.startswith("quartermaster-postings-2")
    download.value.save_as(tmp_path / "out.csv")
    there = read((tmp_path / "out.csv").read_bytes(), Money())
    assert [(one.amount, one.payee) for one in there.lines] == [(1_250, "=Marlow")]
