"""A disk that is full: a sentence, what was typed still there, and nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from quartermaster.services.postings import add_postings
from tests.living import draft, plan_entry, started
from tests.running import Program, command
from tests.walk.walking import (
    add_row,
    open_page,
    open_row,
    post,
    postings,
    row,
    start_month,
    start_with_the_starter,
)

# A file system of its own, which no one but the program sees and which needs no right of the administrator.
SMALL_DISK = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
PYTHON = (sys.executable, "-m", "quartermaster")
TOO_MANY = 5_000
"""Postings with their log that take more room than the small disk has."""
MOUNT = 'mount -t tmpfs -o size=4m none "$0" && exec "$@"'


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    disk = tmp_path / "disk"
    disk.mkdir()
    tried = subprocess.run([*SMALL_DISK, MOUNT, disk, "true"], capture_output=True, text=True, check=False)
    if tried.returncode and os.environ.get("CI") != "true":
        pytest.skip(f"this test needs `unshare` with user name spaces: {tried.stderr}")
    with Program(tmp_path, env=database_on(tmp_path), under=(*SMALL_DISK, MOUNT, str(disk))) as program:
        yield program


def test_a_full_disk_costs_no_word_and_no_posting(
    program: Program, visit: Callable[[Program], Page], tmp_path: Path
) -> None:
    page = visit(program)
    start_with_the_starter(page)
    start_month(page)
    open_row(page, "Groceries")
    disk = Path(f"/proc/{program.pid}/root{tmp_path}/disk")
    fill(disk / "filler")
    added = post_until_refused(page)
    expect(page.get_by_role("alert").filter(has_text="The disk is full")).to_be_visible()
    expect(add_row(page).get_by_label("Payee")).to_have_value(f"Payee {added}")
    expect(add_row(page).get_by_label("Amount")).to_have_value("1.00")
    assert program.get("/healthz")[0] in (200, 503)

    (disk / "filler").unlink()
    add_row(page).get_by_label("Amount").press("Enter")
    expect(postings(page)).to_have_count(added + 1)
    assert_sound(program, tmp_path)


@pytest.mark.parametrize("way", ["Put both together", "Use the server's"])
def test_a_household_that_finds_no_room_does_not_move_in(
    program: Program, visit: Callable[[Program], Page], tmp_path: Path, way: str
) -> None:
    (tmp_path / "server").mkdir()
    page = visit(program)
    start_with_the_starter(page)
    with Program(tmp_path / "server") as server:
        with closing(server.store()) as store:
            plan_entry(store)
            started(store)
            with store.write() as work:
                groceries = work.month_entries(work.months()[0].id)[0].id
                add_postings(work, [draft(groceries, description="x" * 400) for _ in range(TOO_MANY)])
        open_page(page, "/settings/sync")
        page.get_by_label("Address").fill(server.url)
        page.get_by_role("button", name="Connect", exact=True).click()
        page.get_by_role("button", name=way).click()
        if "Use" in way:
            page.get_by_role("button", name="Use it", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text="The disk is full")).to_be_visible()
        open_page(page)
        expect(row(page, "Groceries")).to_contain_text("450.00")
    disk = Path(f"/proc/{program.pid}/root{tmp_path}/disk")
    assert not [*disk.glob(".joining-*"), *disk.glob("backups/*before-joining*")]
    assert_sound(program, tmp_path)


def assert_sound(program: Program, folder: Path) -> None:
    """The doctor, who is let in where the program is, finds nothing."""
    inside = ("nsenter", "--target", str(program.pid), "--user", "--preserve-credentials", "--mount")
    checked = command(folder, "doctor", env=database_on(folder), program=(*inside, *PYTHON))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def database_on(folder: Path) -> dict[str, str | None]:
    return {
        "QUARTERMASTER_DB_URL": f"sqlite:///{folder / 'disk' / 'quartermaster.db'}",
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


def fill(path: Path) -> None:
    """Take all the room there is."""
    with path.open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
        while True:
            filler.write(b"x" * 4096)


def post_until_refused(page: Page) -> int:
    """Add postings until one is refused; how many were added. The room that the file has already is used up first."""
    for number in range(200):
        post(page, f"Payee {number}", "1.00")
        said = page.locator(f".postings :text-is('Payee {number}'), form.p.add [role=alert]:not(:empty)").first
        expect(said).to_be_visible()
        if said.get_attribute("role") == "alert":
            return number
    raise AssertionError("the disk never became full")
