"""Running programs tell each other at once, and what a connection goes through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from quartermaster.storage.store import Store
from quartermaster.sync.protocol import EVENTS
from tests.living import plan_entry, plan_seen
from tests.running import ENDING_S, WITHIN_S, Program, patience


@pytest.fixture
def laptop_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "laptop"
    folder.mkdir()
    return folder


def names(store: Store) -> set[str]:
    return {entry.name for group in plan_seen(store).groups for s in group.sections for entry in s.entries}


def test_a_server_with_listeners_ends_at_once(tmp_path: Path) -> None:
    with Program(tmp_path) as server, httpx.stream("GET", f"{server.url}{EVENTS}", timeout=WITHIN_S) as events:
        lines = events.iter_lines()
        assert next(lines).startswith("event:")
        assert server.stop() == 0
        assert server.ended_in_s < patience(ENDING_S)
        assert list(lines)[-1] == ""
    # Streams that do not end take the whole time of grace, and are then cut with an error.
    assert not [record for record in server.records if record["level"] == "ERROR"]


def test_a_laptop_that_was_offline_gets_in_step_by_itself_when_the_server_is_back(
    tmp_path: Path, laptop_folder: Path
) -> None:
    with Program(tmp_path) as server, Program(laptop_folder, env={"QUARTERMASTER_SYNC_URL": server.url}) as laptop:
        laptop.wait_for("sync_completed")
        server.kill()
        mine = laptop.store()
        plan_entry(mine, "Typed offline")
        laptop.wait_for("sync_failed", code="unreachable")
        plan_entry(mine, "Typed offline, too")
        server.start()
        theirs = server.store()
        laptop.until(lambda: names(theirs) == {"Typed offline", "Typed offline, too"}, 3 * WITHIN_S)
        mine.close()
        theirs.close()


def test_nothing_that_was_typed_and_no_password_is_in_the_logs(tmp_path: Path, laptop_folder: Path) -> None:
    env = {
        "QUARTERMASTER_SYNC_USER": "anna",
        "QUARTERMASTER_SYNC_PASSWORD": "hunter2",
        "QUARTERMASTER_LOG_LEVEL": "DEBUG",
    }
    with Program(tmp_path) as server:
        env |= {"QUARTERMASTER_SYNC_URL": server.url}
        with Program(laptop_folder, env=env) as laptop:
            store = laptop.store()
            plan_entry(store, "A private matter")
            server.wait_for("sync_completed")
            store.close()
            arguments = [Path(f"/proc/{one.pid}/cmdline").read_bytes() for one in (server, laptop)]
            laptop.stop()
        said = "\n".join([*server.stdout, *server.stderr, *laptop.stdout, *laptop.stderr])
    assert not [words for words in arguments if b"hunter2" in words]
    assert "httpx" not in {record["logger"] for record in laptop.records}
    for secret in ("hunter2", "anna:", "YW5uYTpodW50ZXIy", "A private matter"):
        assert secret not in said


def test_what_is_kept_beside_the_data_holds_no_password(tmp_path: Path, laptop_folder: Path) -> None:
    with Program(tmp_path) as server:
        env = {"QUARTERMASTER_SYNC_URL": server.url, "QUARTERMASTER_SYNC_PASSWORD": "hunter2"}
        with Program(laptop_folder, env=env) as laptop:
            laptop.wait_for("sync_completed")
            laptop.stop()
    files: list[Any] = [path for path in laptop_folder.rglob("*") if path.is_file()]
    assert laptop_folder / "sync.json" in files
    assert not [path for path in files if b"hunter2" in path.read_bytes()]
