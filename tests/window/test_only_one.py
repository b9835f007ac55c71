"""One window per data file: who comes later is heard, and never waits for ever."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from multiprocessing.connection import Client, Listener
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from quartermaster.storage.failures import NotWritable
from quartermaster.window import only_one
from quartermaster.window.only_one import DOOR, LOCK, Door, Held, first, hold, knock
from tests.running import CHECKOUT, WITHIN_S

Knocked = list[Mapping[str, Any]]
HOLDING = """
import sys, time
from pathlib import Path
from quartermaster.window.only_one import hold
held = hold(Path(sys.argv[1]))
print(held is not None, flush=True)
time.sleep(60)
"""
WITHOUT_FILES = """
import os, resource, sys, time
from pathlib import Path
from quartermaster.window.only_one import Door
door = Door(Path(sys.argv[1]), lambda message: None)
few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, most))
print("no file to spare", flush=True)
before = time.process_time()
time.sleep(2)
print(time.process_time() - before, flush=True)
resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))
sys.stdin.read()
"""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here waits as long as the program does."""
    monkeypatch.setattr(only_one, "ANSWER_WITHIN_S", 1.0)


@pytest.fixture
def opened() -> Iterator[Callable[[Door], Door]]:
    with ExitStack() as doors:

        def open_until_the_end(door: Door) -> Door:
            doors.callback(door.close)
            return door

        yield open_until_the_end


def seconds(do: Callable[[], object]) -> float:
    before = time.monotonic()
    do()
    return time.monotonic() - before


def test_a_lock_is_held_by_one_and_free_once_its_process_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path / LOCK)], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == "True\n"
        assert hold(tmp_path / LOCK) is None
        first.kill()
    held = hold(tmp_path / LOCK, within_s=WITHIN_S)
    assert held is not None
    held.let_go()


def test_who_comes_while_the_first_one_closes_gets_its_place(tmp_path: Path) -> None:
    """Its door goes first, and its lock a good while later."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path / LOCK)], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    ) as closing:
        assert closing.stdout
        assert closing.stdout.readline() == "True\n"
        found: list[Held | None] = []
        coming = Thread(target=lambda: found.append(first(tmp_path, {})))
        coming.start()
        coming.join(0.5)
        assert found == []
        closing.kill()
        coming.join(WITHIN_S)
    [held] = found
    assert held is not None
    held.let_go()


def test_who_comes_second_is_heard_by_the_first_or_told_that_it_does_not_answer(
    tmp_path: Path, opened: Callable[[Door], Door], impatient: None
) -> None:
    heard: Knocked = []
    held = first(tmp_path, {})
    assert held is not None
    with pytest.raises(TimeoutError):
        first(tmp_path, {})
    for given_up in [thread for thread in threading.enumerate() if thread.name == "knocking"]:
        given_up.join(10)
    opened(Door(tmp_path, heard.append))
    assert first(tmp_path, {"token": "a"}) is None
    assert heard == [{"token": "a"}]
    held.let_go()


def test_a_window_that_is_closing_does_not_hear(
    tmp_path: Path, opened: Callable[[Door], Door], impatient: None
) -> None:
    def closing(_: Mapping[str, Any]) -> None:
        raise ConnectionAbortedError

    opened(Door(tmp_path, closing))
    assert not knock(tmp_path, {})


def test_where_the_folder_takes_no_socket_the_door_is_elsewhere(tmp_path: Path, opened: Callable[[Door], Door]) -> None:
    """As on a stick or a share: there the system refuses it, as it does where a folder is in its place."""
    (tmp_path / "door.socket").mkdir()
    heard: Knocked = []
    door = opened(Door(tmp_path, heard.append))
    assert knock(tmp_path, {"token": "a"})
    assert heard == [{"token": "a"}]
    place = Path(json.loads((tmp_path / DOOR).read_text(encoding="utf-8"))["address"]).parent
    assert place != tmp_path
    door.close()
    assert not place.exists()  # nobody cleans up behind it


def test_a_path_too_long_for_a_socket_is_no_hindrance(tmp_path: Path, opened: Callable[[Door], Door]) -> None:
    folder = tmp_path / ("家計 " * 20)
    folder.mkdir()
    opened(Door(folder, lambda _: None))
    assert knock(folder, {})


def test_where_no_lock_is_kept_the_person_is_told_to_keep_the_file_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", without_locks)
    with pytest.raises(NotWritable, match=r"no lock can be kept \(No locks available\).*Keep the data file on a disk"):
        first(tmp_path, {})


def test_a_knock_is_heard_word_for_word(tmp_path: Path, opened: Callable[[Door], Door]) -> None:
    heard: Knocked = []
    opened(Door(tmp_path, heard.append))
    assert knock(tmp_path, {"token": "a"})
    assert heard == [{"token": "a"}]


def test_a_knock_waits_for_a_door_that_is_still_being_made(tmp_path: Path, opened: Callable[[Door], Door]) -> None:
    heard: Knocked = []
    answers: list[bool] = []
    knocking = Thread(target=lambda: answers.append(knock(tmp_path, {"token": "early"})))
    knocking.start()
    opened(Door(tmp_path, heard.append))
    knocking.join(WITHIN_S)
    assert (answers, heard) == ([True], [{"token": "early"}])


def test_a_handler_that_fails_does_not_close_the_door(
    tmp_path: Path, opened: Callable[[Door], Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[object] = []
    monkeypatch.setattr("threading.excepthook", lambda failure: failures.append(failure.exc_type))
    heard: Knocked = []

    def fail_once(message: Mapping[str, Any]) -> None:
        heard.append(message)
        if len(heard) == 1:
            raise AttributeError("no window yet")

    opened(Door(tmp_path, fail_once))
    assert knock(tmp_path, {"token": "again"})
    assert len(heard) == 2
    assert failures == [AttributeError]  # told, as a bug is


def test_a_knock_without_the_key_is_not_heard(tmp_path: Path, opened: Callable[[Door], Door], impatient: None) -> None:
    heard: Knocked = []
    opened(Door(tmp_path, heard.append))
    door = json.loads((tmp_path / DOOR).read_text(encoding="utf-8"))
    assert (tmp_path / DOOR).stat().st_mode & 0o077 == 0
    for said in (b"[]", b"\xff", b"{}", json.dumps({"key": secrets.token_hex(32)}).encode(), b"x" * 100_000):
        with Client(door["address"]) as visitor, suppress(OSError):
            visitor.send_bytes(said)
            with pytest.raises(EOFError):
                visitor.recv_bytes()
    assert heard == []
    assert knock(tmp_path, {})


def test_one_who_says_nothing_keeps_no_other_waiting(tmp_path: Path, opened: Callable[[Door], Door]) -> None:
    opened(Door(tmp_path, lambda _: None))
    door = json.loads((tmp_path / DOOR).read_text(encoding="utf-8"))
    with Client(door["address"]), Client(door["address"]):
        assert seconds(lambda: knock(tmp_path, {})) < 5


def test_a_knock_at_a_stale_door_waits_for_the_new_one(tmp_path: Path, opened: Callable[[Door], Door]) -> None:
    """After a kill, the new window has the place of the old one before it has written its own key."""
    opened(Door(tmp_path, lambda _: None))
    stale = json.loads((tmp_path / DOOR).read_text(encoding="utf-8"))
    (tmp_path / DOOR).write_text(json.dumps({**stale, "key": secrets.token_hex(32)}), encoding="utf-8")
    answers: list[bool] = []
    knocking = Thread(target=lambda: answers.append(knock(tmp_path, {})))
    knocking.start()
    knocking.join(0.5)
    assert answers == []
    (tmp_path / DOOR).write_text(json.dumps(stale), encoding="utf-8")
    knocking.join(WITHIN_S)
    assert answers == [True]


def test_a_window_that_was_stopped_is_given_up(tmp_path: Path, impatient: None) -> None:
    """Nobody takes the connection: the system lets a few wait, and then none."""
    with Listener(backlog=1) as listener, Client(listener.address), Client(listener.address):
        (tmp_path / DOOR).write_text(json.dumps({"address": listener.address, "key": "00"}), encoding="utf-8")
        assert 0.9 < seconds(lambda: knock(tmp_path, {})) < 5
        assert not knock(tmp_path, {})


def test_a_window_that_takes_a_knock_and_says_nothing_is_given_up(tmp_path: Path, impatient: None) -> None:
    with Listener(backlog=16) as listener:
        (tmp_path / DOOR).write_text(json.dumps({"address": listener.address, "key": "00"}), encoding="utf-8")
        assert 0.9 < seconds(lambda: knock(tmp_path, {})) < 5
        with listener.accept() as visitor:
            assert "key" in json.loads(visitor.recv_bytes())


def test_a_door_without_a_file_to_spare_does_not_spin_and_answers_later(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WITHOUT_FILES, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "no file to spare\n"
        answers: list[bool] = []
        knocking = Thread(target=lambda: answers.append(knock(tmp_path, {})))
        knocking.start()
        assert float(process.stdout.readline()) < 0.5
        knocking.join(WITHIN_S)
        assert answers == [True]
        process.stdin.close()
