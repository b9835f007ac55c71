"""Connecting on the page: what is typed is tried first, and two households are asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from quartermaster.services.postings import add_postings
from tests.living import draft, entry, plan_entry, plan_seen, started
from tests.running import Program, command
from tests.sync.proxying import AUTHORITY, PASSWORD, USER, Proxy
from tests.walk.walking import (
    connect,
    connected,
    open_page,
    open_row,
    post,
    postings,
    row,
    start_month,
    start_with_the_starter,
    this_month,
)

Visit = Callable[[Program], Page]
Env = Mapping[str, str | None]
MANY = 6_000
"""Postings that do not fit into one message."""


def test_a_wrong_address_is_said_beside_its_field_and_nothing_is_kept(laptop: Program, visit: Visit) -> None:
    page = visit(laptop)
    connect(page, "127.0.0.1:1")
    expect(page.get_by_role("alert").filter(has_text="Nobody answers")).to_be_visible()
    expect(page.get_by_label("Address")).to_have_value("127.0.0.1:1")
    open_page(page, "/settings/sync")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()


def test_a_join_that_is_cut_goes_on_in_the_money_of_the_household_that_moved_in(tmp_path: Path, visit: Visit) -> None:
    at_home, away = tmp_path / "home", tmp_path / "away"
    for folder in (at_home, away):
        folder.mkdir()
    env: Env = {"XDG_CONFIG_HOME": str(away / "config"), "QUARTERMASTER_CURRENCY": None, "LC_ALL": "en_US.UTF-8"}
    with (
        Program(at_home, env={"QUARTERMASTER_CURRENCY": "JPY"}) as server,
        Program(away, env=env) as laptop,
        Proxy(server.url, most=1) as line,
    ):
        fill(server)
        other, page = visit(laptop), visit(laptop)
        open_page(other)
        open_page(page, "/settings/sync")
        page.get_by_label("Address").fill(line.url)
        page.get_by_label("Name").fill(USER)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text="The connection to the server broke")).to_be_visible()
        expect(row(other, "Groceries")).to_contain_text("450")
        expect(other.locator("#page")).not_to_contain_text("$")
        other.get_by_role("button", name="Planned for Groceries").click()
        other.get_by_label("Planned for Groceries").fill("1200")
        other.keyboard.press("Enter")
        expect(other.get_by_role("button", name="Planned for Groceries")).to_contain_text("1,200")
        line.left = None
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.locator(".chip")).to_contain_text("In step")
        assert planned(server) == 1_200


def fill(machine: Program) -> None:
    """More than fits into one message."""
    store = machine.store()
    plan_entry(store, planned=450)
    started(store)
    groceries = entry(store, "Groceries").id
    with store.write() as work:
        add_postings(work, [draft(groceries) for _ in range(MANY)])
    store.close()


def planned(machine: Program) -> int:
    """What the plan has for groceries, in minor units."""
    store = machine.store()
    [found] = [e.planned for group in plan_seen(store).groups for s in group.sections for e in s.entries]
    store.close()
    return found


@pytest.mark.parametrize(
    ("way", "answer", "applied"),
    [
        ("Put both together", "Put together", "30.00"),
        ("Use the server's", "Use it", "10.00"),
        ("Use this device's", "Replace it", "20.00"),
    ],
)
def test_two_households_are_asked_about_before_anything_changes(
    program: Program, laptop: Program, visit: Visit, way: str, answer: str, applied: str
) -> None:
    for machine, cents in ((program, 1_000), (laptop, 2_000)):
        page = visit(machine)
        start_with_the_starter(page)
        start_month(page)
        open_row(page, "Groceries")
        post(page, f"Typed here {cents}", f"{cents / 100}")
        expect(postings(page)).to_have_count(1)
    connect(page, program.url)
    expect(page.locator(".join")).to_contain_text("19 plan entries, 1 month, 1 posting, of ")
    page.get_by_role("button", name=way).click()
    if way == "Put both together":
        expect(page.get_by_role("alertdialog")).to_contain_text("19 are like one there, by section and name, and 0 are")
    page.get_by_role("button", name=answer, exact=True).click()
    expect(page.locator(".chip")).to_contain_text("In step")
    for machine in (program, laptop):
        there = visit(machine)
        open_page(there, f"/month/{this_month()}")
        expect(row(there, "Groceries")).to_contain_text(applied)


def test_a_server_that_an_operator_set_can_be_joined_on_the_page_too(
    program: Program, tmp_path: Path, visit: Visit
) -> None:
    start_with_the_starter(visit(program))
    folder = tmp_path / "set"
    folder.mkdir()
    with Program(folder, env={"XDG_CONFIG_HOME": str(folder / "config")}) as machine:
        start_with_the_starter(visit(machine))
    env = {"XDG_CONFIG_HOME": str(folder / "config"), "QUARTERMASTER_SYNC_URL": program.url}
    with Program(folder, env=env) as machine:
        page = visit(machine)
        open_page(page, "/settings/sync")
        expect(page.locator(".chip")).to_contain_text("Another household")
        expect(page.get_by_text("The address is set by QUARTERMASTER_SYNC_URL")).to_be_visible()
        page.get_by_role("button", name="Use the server's").click()
        page.get_by_role("button", name="Use it", exact=True).click()
        expect(page.locator(".chip")).to_contain_text("In step")
        assert not list((folder / "config").rglob("sync-*.json"))


def test_a_password_that_is_not_right_any_more_is_asked_for_where_it_is_needed(
    program: Program, laptop: Program, tmp_path: Path, visit: Visit
) -> None:
    passwords = tmp_path / "htpasswd"
    for word in ("first", "second"):
        entry = command(tmp_path, "passwd", "anna", given=f"{word}\n").stdout
        (tmp_path / word).write_text(entry, encoding="utf-8")
    passwords.write_text((tmp_path / "first").read_text(encoding="utf-8"), encoding="utf-8")
    guarded = tmp_path / "guarded"
    guarded.mkdir()
    env = {"QUARTERMASTER_AUTH": "basic", "QUARTERMASTER_HTPASSWD": str(passwords)}
    with Program(guarded, env=env) as server:
        page = visit(laptop)
        open_page(page, "/settings/sync")
        page.get_by_label("Address").fill(server.url)
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password", exact=True).fill("wrong")
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
        page.get_by_label("Password", exact=True).fill("first")
        page.get_by_role("button", name="Connect", exact=True).click()
        connected(page)
        open_page(page, "/settings/sync")
        server.stop()
        passwords.write_text((tmp_path / "second").read_text(encoding="utf-8"), encoding="utf-8")
        server.start()
        expect(page.locator(".chip")).to_contain_text("Needs your password")
        expect(page.get_by_label("Name", exact=True)).to_have_value("anna")
        page.get_by_label("Password", exact=True).fill("second")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".chip")).to_contain_text("In step")


def test_a_certificate_that_is_none_is_refused_beside_its_field(laptop: Program, visit: Visit) -> None:
    page = visit(laptop)
    open_page(page, "/settings/sync")
    page.get_by_text("authority of your own").click()
    page.get_by_label("Address").fill("https://127.0.0.1:1")
    page.get_by_label("The authority's certificate").fill("-----BEGIN CERTIFICATE-----\nnone\n")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="That certificate cannot be read")).to_be_visible()
    page.get_by_label("The authority's certificate").fill("/no/such/file.pem")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Paste the certificate")).to_be_visible()


def test_an_authority_is_used_until_its_field_is_cleared(program: Program, laptop: Program, visit: Visit) -> None:
    page = visit(laptop)
    with Proxy(program.url, tls=True) as line:
        open_page(page, "/settings/sync")
        page.get_by_text("authority of your own").click()
        page.get_by_label("Address").fill(line.url)
        page.get_by_label("Name").fill(USER)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("The authority's certificate").fill(str(AUTHORITY))
        page.get_by_role("button", name="Connect", exact=True).click()
        connected(page)
        open_page(page, "/settings/sync")
        page.get_by_role("button", name="Change").click()
        page.get_by_label("The authority's certificate").fill("")
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text="certificate is not trusted")).to_be_visible()
