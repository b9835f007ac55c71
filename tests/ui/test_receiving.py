"""Restoring a file that the browser sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from quartermaster.storage.backup import list_backups
from quartermaster.ui.receiving import MOST_BYTES, PATH, PREFIX
from tests.living import plan_entry
from tests.running import WITHIN_S, Program, command
from tests.walk.conftest import visit
from tests.walk.walking import open_page

__all__ = ["visit"]

Visit = Callable[[Program], Page]
A_MEGABYTE = 1_000_000


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    with Program(tmp_path) as program:
        yield program


@pytest.fixture
def saved(program: Program, tmp_path: Path) -> Path:
    """A copy that was saved elsewhere, of before the rent was planned."""
    with closing(program.store()) as store:
        plan_entry(store, "Groceries")
        command(tmp_path, "backup", "saved")
        plan_entry(store, "Rent")
    [made] = tmp_path.glob("backups/*-saved.db")
    return made.rename(tmp_path / "saved elsewhere.db")


def assert_as_it_was(program: Program) -> None:
    """Both entries are there, nothing was backed up for a restore, and nothing of what was sent is left."""
    said = program.get("/")[1]
    assert "Groceries" in said
    assert "Rent" in said
    assert "before-restore" not in [made.reason for made in list_backups(program.backups)]
    assert not list(program.folder.glob(f"{PREFIX}*"))


def restore(page: Page, file: Path) -> None:
    open_page(page, "/settings/backups")
    page.get_by_role("button", name="Restore from a file…").click()
    page.get_by_label("Backup to restore").set_input_files(file)
    page.get_by_role("button", name="Restore", exact=True).click()


def test_a_copy_that_was_saved_elsewhere_comes_back_on_every_page(program: Program, saved: Path, visit: Visit) -> None:
    page, other = visit(program), visit(program)
    open_page(other)
    restore(page, saved)
    expect(page.locator(".snackbar")).to_contain_text("What was there is kept as quartermaster-")
    for one in (page, other):
        expect(one.get_by_role("button", name="Groceries", exact=True)).to_be_visible()
        expect(one.get_by_role("button", name="Rent", exact=True)).to_be_hidden()
    assert "before-restore" in [made.reason for made in list_backups(program.backups)]
    assert not list(program.folder.glob(f"{PREFIX}*"))
    program.stop()
    assert command(program.folder, "doctor").returncode == 0


def test_a_file_that_is_no_household_is_refused_beside_it(
    program: Program, saved: Path, visit: Visit, tmp_path: Path
) -> None:
    page, letter = visit(program), tmp_path / "letter.db"
    letter.write_bytes(b"Dear Ada, " * 900)
    restore(page, letter)
    expect(page.get_by_role("alert").filter(has_text="That file is not a Quartermaster database")).to_be_visible()
    assert_as_it_was(program)
    page.get_by_label("Backup to restore").set_input_files(saved)
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_role("button", name="Groceries", exact=True)).to_be_visible()


@pytest.mark.usefixtures("saved")
def test_what_another_site_sends_what_is_too_large_and_what_breaks_off_changes_nothing(
    program: Program, tmp_path: Path
) -> None:
    content = (tmp_path / "saved elsewhere.db").read_bytes()
    with httpx.Client(base_url=program.url, timeout=WITHIN_S) as browser:
        assert browser.post(PATH, content=content, headers={"Origin": "https://evil.example"}).status_code == 403
        assert browser.post(PATH, content=b"").status_code == 409
        with pytest.raises(RuntimeError, match="the line is cut"):
            browser.post(PATH, content=_cut(content))
    with closing(HTTPConnection(program.url.removeprefix("http://"))) as line:
        line.putrequest("POST", PATH)
        line.putheader("Content-Length", str(MOST_BYTES + 1))
        line.endheaders()
        assert line.getresponse().status == 413
    assert_as_it_was(program)


def test_a_large_file_is_not_held_in_memory(program: Program, saved: Path) -> None:
    before = _resident(program)
    with httpx.Client(base_url=program.url, timeout=WITHIN_S) as browser:
        assert browser.post(PATH, content=iter([bytes(A_MEGABYTE)] * 200)).status_code == 409
    assert _peak(program) - before < 100 * A_MEGABYTE
    assert_as_it_was(program)


def _cut(content: bytes) -> Iterator[bytes]:
    yield content[:20_000]
    raise RuntimeError("the line is cut")


def _resident(program: Program) -> int:
    return _status(program, "VmRSS")


def _peak(program: Program) -> int:
    return _status(program, "VmHWM")


def _status(program: Program, name: str) -> int:
    lines = Path(f"/proc/{program.pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) * 1024
