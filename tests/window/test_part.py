"""The server part as a process: started from a clean place, understood whatever else is said, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from secrets import token_urlsafe

import pytest

from quartermaster.window.part import Ended, Ready, Refused, ServerPart
from quartermaster.window.serving import BEHIND, Orders
from tests.running import CHECKOUT, WITHIN_S

Start = Callable[[], ServerPart]


def orders(folder: Path) -> Orders:
    return Orders(key=token_urlsafe(32), badge=token_urlsafe(32), log=str(folder / "log"), lock=str(folder / "lock"))


def test_a_program_of_the_same_name_in_the_current_folder_is_not_run(elsewhere: Path, start_part: Start) -> None:
    (elsewhere / "quartermaster.py").write_text("open('ran', 'w').close()", encoding="utf-8")
    part = start_part()
    part.order(orders(elsewhere))
    assert isinstance(part.hear(), Ready)
    assert not (elsewhere / "ran").exists()


def test_what_else_is_printed_does_not_confuse_the_line(
    elsewhere: Path, start_part: Start, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as what a library says as it is imported."""
    said = ("a warning", "[1, 2]", '{"told": "ready"}', "17", "{")
    saying = f"import os\nfor said in {said!r}: print(said, flush=True)\nos.write(1, b'\\xff\\n')"
    (elsewhere / "sitecustomize.py").write_text(saying, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(elsewhere), prepend=":")
    part = start_part()
    part.order(orders(elsewhere))
    assert isinstance(part.hear(), Ready)
    assert capsys.readouterr().err.splitlines() == [*said, "\ufffd"]


def test_it_says_why_it_cannot_serve_and_then_that_it_is_over(
    elsewhere: Path, start_part: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERMASTER_LOCALE", "Elvish")
    part = start_part()
    part.order(orders(elsewhere))
    refused = part.hear()
    assert isinstance(refused, Refused)
    assert "QUARTERMASTER_LOCALE" in refused.sentence
    assert (refused.code, part.hear()) == (2, Ended(0))


def test_a_port_that_cannot_be_had_again_does_not_matter(elsewhere: Path, served: ServerPart) -> None:
    """Nobody need answer there: a connection to elsewhere may have taken it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        served.order(replace(orders(elsewhere), port=port))
        ready = served.hear()
        assert isinstance(ready, Ready)
        assert ready.port != port


def test_a_household_that_is_served_is_served_by_no_other_part(elsewhere: Path, start_part: Start) -> None:
    first, second = start_part(), start_part()
    first.order(orders(elsewhere))
    assert isinstance(first.hear(), Ready)
    second.order(orders(elsewhere))
    refused = second.hear()
    assert isinstance(refused, Refused)
    assert "Quartermaster is still closing this household." in refused.sentence
    first.end()
    third = start_part()
    third.order(orders(elsewhere))
    assert isinstance(third.hear(), Ready)


def test_a_part_that_was_killed_has_ended_whatever_it_is_told(elsewhere: Path, served: ServerPart) -> None:
    os.kill(served.pid, signal.SIGKILL)
    assert served.hear() == Ended(-9)
    served.order(orders(elsewhere))
    assert served.hear() == Ended(-9)


def test_the_part_of_a_program_without_stderr_speaks_to_nobody(elsewhere: Path) -> None:
    begin = (
        "import os, sys; from pathlib import Path; from quartermaster.window.part import ServerPart;"
        "from tests.window.test_part import orders; assert sys.stderr is None;"
        "part = ServerPart(); part.order(orders(Path.cwd()));"
        "print(type(part.hear()).__name__, os.readlink(f'/proc/{part.pid}/fd/2')); part.end()"
    )
    without = ("sh", "-c", 'exec "$@" 2>&-', "sh")
    said = subprocess.run(
        [*without, sys.executable, "-c", begin],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=2 * WITHIN_S,
        check=False,
    )
    assert said.stdout == "Ready /dev/null\n"


def test_a_frozen_program_starts_itself(elsewhere: Path, start_part: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    program = elsewhere / "quartermaster"
    program.write_text('#!/bin/sh\necho "$@" > words\n', encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    assert start_part().hear() == Ended(0)
    assert (elsewhere / "words").read_text(encoding="utf-8") == f"{BEHIND}\n"
