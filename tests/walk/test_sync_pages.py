"""Two programs and a server between them, as people see it: stay in step, go offline, come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playwright.sync_api import Page, expect

from quartermaster.services.month_views import month_view
from quartermaster.services.months import edit_month_entry
from quartermaster.storage.store import Store
from quartermaster.sync.protocol import EXCHANGE
from tests.running import Program
from tests.walk.walking import (
    another_tab,
    connect,
    connected,
    live_in,
    once_within_a_second,
    open_page,
    open_row,
    post,
    postings,
    row,
    start_with_the_starter,
    this_month,
)

Visit = Callable[[Program], Page]
Env = Mapping[str, str | None]


def test_a_laptop_connects_and_what_one_types_the_other_sees_within_a_second(
    program: Program, laptop: Program, visit: Visit
) -> None:
    live_in(program)
    at_server, at_laptop = visit(program), visit(laptop)
    connect(at_laptop, program.url)
    connected(at_laptop)
    for page in (at_server, at_laptop):
        open_page(page, f"/month/{this_month()}")
        open_row(page, "Groceries")
    expect(at_laptop.locator(".chip")).to_contain_text("In step")
    count = 0
    for here, there in ((at_laptop, at_server), (at_server, at_laptop)):
        before = count

        def type_one(_: int, here: Page = here) -> None:
            nonlocal count
            count += 1
            post(here, "Marlow Market", "12.50")

        def seen(attempt: int, there: Page = there, before: int = before) -> None:
            expect(postings(there)).to_have_count(before + attempt + 1)

        assert once_within_a_second(type_one, seen)
    for page in (at_server, at_laptop):
        expect(row(page, "Groceries")).to_contain_text(f"{450 - count * 12.50:.2f}")


def test_who_presses_sync_now_makes_an_exchange(program: Program, laptop: Program, visit: Visit) -> None:
    page = visit(laptop)
    connect(page, program.url)
    connected(page)
    open_page(page, "/settings/sync")
    expect(page.locator(".chip")).to_contain_text("In step")

    def exchanges() -> int:
        return len(program.heard("http_request", path=EXCHANGE))

    before = exchanges()
    page.locator("#page").get_by_role("button", name="Sync now").click()
    expect(page.locator(".snackbar")).to_contain_text("The server is being asked")
    program.until(lambda: exchanges() > before)


def test_offline_is_said_with_what_waits_and_ends_by_itself(program: Program, laptop: Program, visit: Visit) -> None:
    at_laptop = visit(laptop)
    connect(at_laptop, program.url)
    connected(at_laptop)
    expect(at_laptop.locator(".chip")).to_contain_text("In step")
    program.stop()
    expect(at_laptop.locator(".chip")).to_contain_text("Offline")
    start_with_the_starter(at_laptop)
    expect(at_laptop.locator(".chip")).to_contain_text("19 waiting (since ")
    at_laptop.locator(".chip").click()
    expect(at_laptop.locator("#sync")).to_contain_text("19 changes here will go out by themselves")
    program.start()
    expect(at_laptop.locator(".chip")).to_contain_text("In step")


def test_a_connection_is_found_again_after_a_restart_and_can_be_ended(
    program: Program, laptop: Program, visit: Visit
) -> None:
    page = visit(laptop)
    connect(page, program.url)
    connected(page)
    laptop.stop()
    laptop.start()
    page = another_tab(page, "/settings/sync")
    expect(page.locator(".chip")).to_contain_text("In step")
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect", exact=True).click()
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()
    expect(page.locator(".chip")).to_be_hidden()
    assert not list((laptop.folder / "config").rglob("sync-*.json"))


def test_two_edits_of_one_figure_are_found_in_what_there_is_to_look_at(
    program: Program, laptop: Program, visit: Visit
) -> None:
    live_in(program)
    page, at_server = visit(laptop), visit(program)
    connect(page, program.url)
    connected(page)
    program.stop()
    for machine, planned in ((laptop, 46_000), (program, 47_000)):
        store = machine.store()
        edit_planned(store, planned)
        store.close()
    program.start()
    expect(page.locator(".chip")).to_contain_text("1 to look at")
    page.locator(".chip").click()
    page.get_by_role("link", name="Look at 1").click()
    expect(page.locator(".attention")).to_contain_text("470.00 stands")
    page.get_by_role("button", name="Take 460.00").click()
    expect(page.get_by_role("heading", name="Nothing to look at")).to_be_visible()
    open_page(at_server, f"/month/{this_month()}")
    expect(at_server.get_by_role("button", name="Planned for Groceries")).to_contain_text("460.00")


def edit_planned(store: Store, planned: int) -> None:
    with store.write() as work:
        view = month_view(work, this_month())
        assert view is not None
        entry = next(line.entry for line in view.lines if line.entry.name == "Groceries")
        edit_month_entry(work, entry.id, planned=planned)


def test_a_device_is_renamed_for_all_and_forgotten_after_a_question(
    program: Program, laptop: Program, visit: Visit
) -> None:
    live_in(program)
    page, at_server = visit(laptop), visit(program)
    connect(page, program.url)
    connected(page)
    open_page(page, "/settings/sync")
    mine = page.locator(".devices .row", has_text="this one")
    mine.get_by_role("button", name="Device").click()
    mine.get_by_label("Name of the device").fill("Anna's laptop")
    mine.get_by_label("Name of the device").press("Enter")
    open_page(at_server, "/settings/sync")
    there = at_server.locator(".devices .row", has_text="Anna's laptop")
    expect(there).to_contain_text("1 change")
    there.get_by_role("button", name="Forget this device").click()
    expect(at_server.locator("dialog.ask")).to_contain_text("Everything that it wrote stays")
    at_server.get_by_role("button", name="Forget it").click()
    expect(there).to_have_count(0)
    expect(at_server.locator(".snackbar")).to_contain_text("Anna's laptop was forgotten")


def test_undo_is_the_field_s_own_while_something_is_typed_and_the_household_s_otherwise(
    program: Program, visit: Visit
) -> None:
    live_in(program)
    page = visit(program)
    open_page(page, f"/month/{this_month()}")
    planned = page.get_by_role("button", name="Planned for Groceries")
    expect(planned).to_contain_text("450.00")
    planned.click()
    page.get_by_label("Planned for Groceries").fill("12.34")
    page.keyboard.press("Enter")
    expect(planned).to_contain_text("12.34")
    expect(page.locator(".snackbar")).to_contain_text("→ 12.34 in")
    open_row(page, "Groceries")
    page.get_by_label("Payee").first.type("Abc")
    page.keyboard.press("Control+z")
    expect(planned).to_contain_text("12.34")
    page.get_by_label("Payee").first.blur()
    page.keyboard.press("Control+z")
    expect(planned).to_contain_text("450.00")
    page.keyboard.press("Control+Shift+z")
    expect(planned).to_contain_text("12.34")
