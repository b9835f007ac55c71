"""What the archive, the backups, the settings and the pages for mistakes show."""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from nicegui import ui
from nicegui.testing import User

from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section
from quartermaster.services.months import activate_month, close_month
from quartermaster.storage.backup import list_backups
from quartermaster.storage.store import Store
from quartermaster.ui.calls import Calls
from quartermaster.ui.household_file import open_demo
from quartermaster.ui.parts.tags import Tag
from quartermaster.ui.shell import shell
from tests.conftest import Clock
from tests.living import MAY, entry, plan_entry, posted, started
from tests.running import CHECKOUT
from tests.ui.waiting import until


async def test_an_archive_without_months_offers_one_way_on(user: User) -> None:
    await user.open("/archive")
    await user.should_see("No month yet")
    await user.should_see("Go to May 2026")


async def test_the_archive_says_which_months_are_closed_and_since_when(user: User, store: Store, clock: Clock) -> None:
    started(store, MAY.previous)
    with store.write() as work:
        activate_month(work, MAY.previous)
        close_month(work, MAY.previous)
    started(store, MAY)
    await user.open("/archive")
    await user.should_see("April 2026")
    await user.should_see(f"Closed {clock.day_here}")
    await user.should_see("Planning")


async def test_the_archive_and_the_month_say_the_same_day_of_closing(
    user: User, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        started(store, MAY.previous)
        with store.write() as work:
            activate_month(work, MAY.previous)
            close_month(work, MAY.previous)
        await user.open(f"/month/{MAY.previous}")
        await user.should_see("on 30 Apr 2026")
        await user.open("/archive")
        await user.should_see("Closed 30 Apr 2026")
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_changes_in_quick_succession_make_an_open_archive_read_twice_at_most(
    user: User, calls: Calls, store: Store
) -> None:
    """Readings that overlap could end with the older list."""
    started(store)
    await user.open("/archive")
    read = 0

    def reading() -> object:
        nonlocal read
        read += 1
        return store_read()

    store_read = store.read
    store.read = reading  # type: ignore[method-assign,assignment]  # counted, and then done as ever
    for _ in range(5):
        calls.live.changed.emit()
    await until(lambda: read > 0)
    await asyncio.sleep(0.5)
    assert read <= 2


async def test_a_posting_made_elsewhere_appears_in_an_open_archive(user: User, store: Store) -> None:
    plan_entry(store, "Groceries", 80_000)
    started(store)
    await user.open("/archive")
    await asyncio.to_thread(posted, store, entry(store, "Groceries").id, 4_321)
    await user.should_see("43.21")
    await user.should_see("−43.21")


async def test_a_backup_made_by_hand_is_listed_at_once(user: User, calls: Calls) -> None:
    await user.open("/settings/backups")
    await user.should_see("No backup yet")
    user.find("Back up now").click()
    await user.should_see("Backed up and checked")
    await user.should_see("By hand")
    assert len(list_backups(calls.place.backups)) == 1


async def test_a_daily_backup_that_fails_is_said_where_backups_are(
    user: User, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    await user.open("/settings")
    await user.should_not_see("could not be made")
    calls.place.backups.write_text("a file where the folder should be", encoding="utf-8")
    calls.daily.make_if_due()
    caplog.clear()
    for path in ("/settings", "/settings/backups"):
        await user.open(path)
        await user.should_see(f"The daily backup could not be made. {calls.place.backups} cannot be used")


async def test_the_first_page_lets_choose_the_money_of_an_empty_household(user: User, store: Store) -> None:
    await user.open("/")
    await user.should_see("US Dollar (USD)")
    plan_entry(store)
    answer = await user.http_client.get("/")
    assert "US Dollar (USD)" not in answer.text


async def test_only_listed_backups_can_be_saved(user: User, calls: Calls, store: Store) -> None:
    for name in ("quartermaster.db", "..%2Fquartermaster.db", "quartermaster-20200101-000000-no.db"):
        answer = await user.http_client.get(f"/settings/backups/{name}")
        assert answer.status_code == 404
        assert not answer.content.startswith(b"SQLite")


async def test_settings_show_how_money_is_written_and_where_the_file_is(user: User, store: Store) -> None:
    await user.open("/settings")
    await user.should_see("USD")
    await user.should_see("−1,234,567.89")
    await user.should_see(str(store.path))


async def test_the_chosen_theme_is_in_the_head_of_the_next_page(user: User) -> None:
    assert 'media="(prefers-color-scheme:dark)"' in (await user.http_client.get("/settings")).text
    await user.open("/settings")
    user.find("Dark").click()
    assert '<style media="all">' in (await user.http_client.get("/settings")).text


async def test_an_address_that_names_nothing_helps_and_answers_404(user: User) -> None:
    answer = await user.http_client.get("/no/such/<b>page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "Go to May 2026" in answer.text


async def test_a_bug_in_a_page_is_shown_with_the_number_that_the_log_has(
    user: User, caplog: pytest.LogCaptureFixture
) -> None:
    @ui.page("/broken")
    def broken() -> None:
        raise ZeroDivisionError("secret words")

    answer = await user.http_client.get("/broken")
    logged = next(record for record in caplog.records if getattr(record, "event", "") == "bug")
    caplog.clear()
    assert answer.status_code == 500
    assert logged.bug in answer.text  # type: ignore[attr-defined]  # a field of the event
    assert "secret words" not in answer.text


async def test_a_refusal_for_a_whole_page_is_said_as_it_is(user: User, caplog: pytest.LogCaptureFixture) -> None:
    @ui.page("/refused")
    def refused() -> None:
        raise Refused("That is not to be had.")

    assert "That is not to be had." in (await user.http_client.get("/refused")).text
    caplog.clear()


async def test_the_frame_marks_where_one_is_and_links_only_to_pages_that_exist(user: User, calls: Calls) -> None:
    @ui.page("/here")
    def here() -> None:
        with shell(calls, title="Here", active="archive"):
            pass

    await user.open("/here")
    links = {str(tag._props["href"]) for tag in user.find(kind=Tag).elements if tag.tag == "a"}
    marked = [tag._props["href"] for tag in user.find(kind=Tag).elements if tag._props.get("aria-current")]
    assert links == {"/", "/month/2026-05", "/ledger", "/history", "/archive", "/settings", "#page"}
    assert marked == ["/archive"]


async def test_in_the_demo_the_settings_name_its_file_and_the_backups_say_whose_they_are(
    user: User, calls: Calls, store: Store
) -> None:
    await user.open("/settings/backups")
    await user.should_not_see("your own budget")
    await open_demo(calls)
    await user.open("/settings")
    await user.should_see(str(store.path))
    await user.open("/settings/backups")
    await user.should_see("These are the backups of your own budget, not of the demo.")
    await user.should_not_see("comes by itself today")


async def test_a_demo_household_is_named_on_every_page_and_can_be_left(user: User, calls: Calls, store: Store) -> None:
    own = store.path
    plan_entry(store, "Ours", 100, Section.INCOME)
    await user.open("/settings")
    user.find("Open the demo").click()
    await until(lambda: calls.in_demo)
    await user.open("/archive")
    await user.should_see("Demo household")
    await user.should_see("May 2026")
    user.find("Back to my budget").click()
    await until(lambda: store.path == own)
    assert [e.name for e in await calls.read(lambda work: work.plan_entries())] == ["Ours"]
    await user.open("/archive")
    await user.should_not_see("Demo household")


def test_no_page_becomes_an_error_where_it_takes_its_time() -> None:
    """NiceGUI gives a page three seconds, unless it is told otherwise."""
    sources = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "quartermaster/ui/pages").glob("*.py")]
    made = [words for source in sources for words in re.findall(r"@ui\.page\((.*)\)", source)]
    assert len(made) > 10
    assert [words for words in made if "response_timeout=BUILT_WITHIN_S" not in words] == []
