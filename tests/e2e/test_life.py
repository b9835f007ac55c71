"""A household in the container, behind Traefik: lived in a browser, synced, killed, upgraded, not downgraded."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from quartermaster.sync.protocol import EVENTS, EXCHANGE
from tests.deploy.proxied import AUTHORITY, AUTHORIZATION, NAME, PASSWORD, Traefik
from tests.e2e.conftest import Another
from tests.e2e.engine import Container, Docker
from tests.running import command
from tests.walk.walking import open_page, open_row, post, postings, row, start_month, start_with_the_starter, this_month

Arriving = Callable[[Traefik], Page]
NEWER = "quartermaster:e2e-newer"
MIGRATION = """\
from alembic import op
revision = "9999"
down_revision = {head!r}
def upgrade():
    op.execute("ALTER TABLE posting ADD COLUMN mood TEXT")
"""
GONE_S = int(os.environ.get("STOP_S", "0"))


@pytest.fixture
def newer(docker: Docker, container: Container) -> Iterator[str]:
    """The image of the next version: with one migration more."""
    ask = "from quartermaster.storage import migrate; print(migrate._scripts()); print(migrate.head())"
    code, said = container.run("python", "-c", ask)
    assert code == 0, said
    scripts, head = said.split()
    steps = f"FROM {os.environ['TAG']}\nCOPY 9999_later.py {scripts}/versions/\n"
    docker.build(NEWER, {"Dockerfile": steps, "9999_later.py": MIGRATION.format(head=head)})
    yield NEWER
    docker.forget_image(NEWER)


def test_the_probe_is_open_and_everything_else_wants_a_password(traefik: Traefik, another: Another, port: int) -> None:
    with running(another("asked", port=port), traefik):
        assert traefik.get("/healthz")[::2] == (200, '{"status":"ok"}')
        for path in ("/", "/settings", f"/month/{this_month()}", "/metrics", EVENTS, "/_nicegui/x.js"):
            assert traefik.get(path)[0] == 401, path
        assert traefik.get(EXCHANGE, "POST")[0] == 401
        for path in ("/", "/settings", f"/month/{this_month()}"):
            assert traefik.get(path, Authorization=AUTHORIZATION)[0] == 200, path


def test_a_household_lives_through_it_all(
    traefik: Traefik, port: int, arriving: Arriving, another: Another, newer: str, tmp_path: Path
) -> None:
    first = another("household", port=port)
    with running(first, traefik):
        page = arriving(traefik)
        a_month_is_lived(page)
        its_events_are_on_stdout(first)
        all_is_there(page, traefik, first, tmp_path / "before")

        first.kill()
        assert traefik.get("/healthz")[0] in (502, 503, 504)
        first.start()
        first.until(lambda: traefik.get("/healthz")[0] == 200)
        all_is_there(page, traefik, first, tmp_path / "killed")
    assert not (Path(os.environ["E2E_FOLDER"]) / "household" / "quartermaster.db-wal").exists()

    upgraded = another("household", port=port, image=newer)
    with running(upgraded, traefik):
        made, applied = upgraded.records[:2]
        assert (made["event"], made["reason"]) == ("backup_created", "before-migration")
        assert (applied["event"], applied["to"]) == ("migration_applied", "9999")
        all_is_there(page, traefik, upgraded, tmp_path / "upgraded")

    downgraded = another("household", port=port)
    downgraded.start()
    downgraded.until(lambda: not downgraded.is_running)
    [record] = downgraded.records
    assert (downgraded.exit_code, downgraded.stderr, record["level"]) == (1, [], "ERROR")
    assert "was written by a newer Quartermaster (schema 9999). Update this program" in record["message"]
    with running(upgraded, traefik):
        all_is_there(page, traefik, upgraded, tmp_path / "still")


def a_month_is_lived(page: Page) -> None:
    """A plan from the starter, one of its figures edited; the month of it, with two postings, closed at zero."""
    start_with_the_starter(page)
    page.get_by_role("button", name="Planned for Groceries").click()
    page.get_by_role("textbox", name="Planned for Groceries").fill("471")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Planned for Groceries")).to_contain_text("471.00")
    start_month(page)
    page.get_by_role("button", name="Activate").click()
    open_row(page, "Pay")
    post(page, "The office", "12.50")
    expect(postings(page)).to_have_count(1)
    open_row(page, "Groceries")
    post(page, "Marlow Market", "12.50")
    expect(postings(page).filter(has_text="Marlow Market")).to_be_visible()
    page.get_by_role("button", name="Close month").click()
    expect(page.locator(".thestamp")).to_be_visible()


def its_events_are_on_stdout(container: Container) -> None:
    """Each once for what was done, with ids, dates and amounts; every other line is a record too."""
    month = str(this_month())
    said = [record for record in container.records if record["event"] not in ("log", "http_request")]
    assert [one["planned"] for one in said if one["event"] == "template_entry_updated"] == [47_100]
    for event in ("month_created", "month_activated", "month_closed"):
        assert [one["month"] for one in said if one["event"] == event] == [month], event
    added = [(one["month"], one["amount"]) for one in said if one["event"] == "posting_added"]
    assert added == [(month, 1_250)] * 2
    assert container.stderr == []
    assert "Marlow" not in "".join(container.stdout)


def all_is_there(page: Page, traefik: Traefik, container: Container, laptop: Path) -> None:
    """On the pages, for a laptop that has never been there before, and by the doctor's word."""
    open_page(page, f"/month/{this_month()}")
    expect(page.locator(".thestamp")).to_be_visible()
    expect(row(page, "Groceries")).to_contain_text("12.50")
    laptop.mkdir()
    (laptop / "password").write_text(PASSWORD, encoding="utf-8")
    env = {
        "QUARTERMASTER_SYNC_URL": traefik.url,
        "QUARTERMASTER_SYNC_USER": NAME,
        "QUARTERMASTER_SYNC_PASSWORD_FILE": str(laptop / "password"),
        "QUARTERMASTER_SYNC_CA_FILE": str(AUTHORITY),
    }
    synced = command(laptop, "sync", env=env)
    assert synced.returncode == 0, synced.stderr
    assert re.fullmatch(r"In step with \S+: 0 changes sent, [1-9][0-9,]* received\.\n", synced.stdout), synced.stdout
    again = command(laptop, "sync", env=env)
    assert " 0 changes sent, 0 received." in again.stdout, again.stderr
    assert command(laptop, "doctor").returncode == 0
    code, said = container.run("quartermaster", "doctor")
    assert code == 0, said


@contextmanager
def running(container: Container, traefik: Traefik) -> Iterator[None]:
    """Started and healthy behind the proxy; ended by SIGTERM, in time."""
    container.start()
    container.until(lambda: traefik.get("/healthz")[0] == 200)
    yield
    assert container.stop(GONE_S) <= GONE_S
    assert container.exit_code == 0
