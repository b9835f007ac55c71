"""The demo household as a program: beside the household's own file, which it neither makes nor touches."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from quartermaster.storage.store import Store
from tests.living import plan_entry
from tests.running import Program
from tests.walk.walking import open_page

Visit = Callable[[Program], Page]


def test_the_demo_does_not_even_make_the_household_s_own_file(tmp_path: Path) -> None:
    with Program(tmp_path, "demo") as program:
        assert "Groceries" in program.get("/")[1]
        assert program.get("/settings")[0] == 200
        program.stop()
    # Nor does it log what nobody did.
    assert not [line for line in program.stdout if "posting_added" in line or "month_created" in line]
    assert not list(tmp_path.glob("quartermaster.db*"))
    assert not (tmp_path / "backups").exists()


def test_a_file_of_an_older_version_is_not_upgraded_by_looking_at_the_demo(store: Store, tmp_path: Path) -> None:
    plan_entry(store)
    store.close()
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'of a later version'")
        connection.commit()
    before = store.path.read_bytes()
    with Program(tmp_path, "demo") as program:
        program.stop()
    assert store.path.read_bytes() == before
    assert not list(tmp_path.glob("quartermaster.db-*"))


def test_the_way_back_from_the_demo_makes_the_household_that_was_never_opened(tmp_path: Path, visit: Visit) -> None:
    with Program(tmp_path, "demo", env={"QUARTERMASTER_CURRENCY": "KWD"}) as program:
        page = visit(program)
        open_page(page)
        page.get_by_role("button", name="Back to my budget").click()
        expect(page.get_by_role("button", name="Start empty")).to_be_visible()
        expect(page.locator(".firstmoney")).to_contain_text("KWD")
        with closing(program.store()) as store:
            plan_entry(store, "Mine")
        expect(page.get_by_role("button", name="Mine", exact=True)).to_be_visible()


def test_a_demo_that_keeps_other_money_than_the_household_shows_its_own(tmp_path: Path, visit: Visit) -> None:
    with Program(tmp_path, "demo", env={"QUARTERMASTER_CURRENCY": "JPY"}) as program:
        program.stop()
    with Program(tmp_path, env={"QUARTERMASTER_CURRENCY": "USD"}) as program:
        page = visit(program)
        open_page(page)
        page.get_by_role("button", name="Look around").click()
        expect(page.locator(".banner")).to_contain_text("Demo household")
        open_page(page, "/settings")
        expect(page.locator(".setrow", has_text="Currency")).to_contain_text("JPY")
        page.get_by_role("button", name="Back to my budget").first.click()
        expect(page.locator(".firstmoney")).to_contain_text("USD")
        program.stop()
    with Program(tmp_path, "demo", env={"QUARTERMASTER_CURRENCY": "USD"}) as program:
        assert "JPY" in program.get("/settings")[1]
