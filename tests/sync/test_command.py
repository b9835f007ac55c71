"""`quartermaster sync`: one exchange with a real server, what it says and how it exits."""

from __future__ import annotations

from pathlib import Path

import pytest

from quartermaster.storage.store import Store
from tests.living import plan_entry, plan_seen
from tests.running import Program, command, free_port

UNREACHABLE, REFUSED, MISUSE = 3, 4, 2


def names(store: Store) -> set[str]:
    return {entry.name for group in plan_seen(store).groups for s in group.sections for entry in s.entries}


def test_a_laptop_gets_what_the_server_has_and_sends_what_it_lacks(tmp_path: Path) -> None:
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    with Program(tmp_path) as server:
        store = server.store()
        plan_entry(store, "From the server")
        env = {"QUARTERMASTER_SYNC_URL": server.url}
        first = command(laptop, "sync", env=env)
        assert (first.returncode, first.stderr) == (0, "")
        assert first.stdout == f"In step with {server.url}: 0 changes sent, 2 received.\n"
        with Program(laptop) as elsewhere:
            mine = elsewhere.store()
            assert names(mine) == {"From the server"}
            plan_entry(mine, "From the laptop")
            mine.close()
        second = command(laptop, "sync", env=env)
        assert second.stdout == f"In step with {server.url}: 1 changes sent, 0 received.\n"
        assert names(store) == {"From the server", "From the laptop"}
        store.close()


def test_a_server_that_cannot_be_reached_is_said_with_code_3(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    said = command(tmp_path, "sync", env={"QUARTERMASTER_SYNC_URL": url})
    assert said.returncode == UNREACHABLE
    assert "Nobody answers at that address" in said.stderr


def test_another_household_is_refused_with_code_4_and_nothing_changes(tmp_path: Path) -> None:
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    with Program(laptop) as elsewhere:
        mine = elsewhere.store()
        plan_entry(mine, "Mine")
        mine.close()
    with Program(tmp_path) as server:
        store = server.store()
        plan_entry(store, "Theirs")
        said = command(laptop, "sync", env={"QUARTERMASTER_SYNC_URL": server.url})
        assert said.returncode == REFUSED
        assert "another household" in said.stderr.lower()
        assert names(store) == {"Theirs"}
        store.close()


def test_without_a_server_it_says_how_to_name_one(tmp_path: Path) -> None:
    said = command(tmp_path, "sync", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert said.returncode == MISUSE
    assert "QUARTERMASTER_SYNC_URL" in said.stderr


@pytest.mark.parametrize("way", ["to the server", "from the server"])
def test_two_running_programs_stay_in_step(tmp_path: Path, way: str) -> None:
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    with Program(tmp_path) as server, Program(laptop, env={"QUARTERMASTER_SYNC_URL": server.url}) as client:
        client.wait_for("sync_completed")
        written, shown = (client, server) if way == "to the server" else (server, client)
        here, there = written.store(), shown.store()
        plan_entry(here, "Typed on one")
        written.until(lambda: names(there) == {"Typed on one"})
        here.close()
        there.close()
