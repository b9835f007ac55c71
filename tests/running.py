"""The real program as a process of its own: started on a free port, heard, stopped or killed."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import pytest

from quartermaster.storage.store import Store
from quartermaster.storage.time_ordered import now_ms, time_ordered_id
from tests.witnesses import hear

CHECKOUT = Path(__file__).parents[1]
WITHIN_S = 60.0
"""What a slow and busy machine may take for anything that happens at once elsewhere."""
ENDING_S = 5.0
"""What a container has before it is killed."""
PORTS = range(20_000, 32_000)
"""Below those that systems give away by themselves."""
_SAID = "Quartermaster is at "


class Program:
    """`python -m quartermaster serve --port 0` on a data file in `folder`; healthy inside the `with` block.

    `stdout` and `stderr` are the lines said so far. `words` replace `serve`; `env` adds to the environment, and
    None takes a variable away; `under` is a command that ends in the program, such as one that limits it; `bare`
    starts it without a word. After `stop` or `kill`, `start` begins again on the same port and the same file.
    """

    def __init__(
        self,
        folder: Path,
        *words: str,
        env: Mapping[str, str | None] | None = None,
        under: Sequence[str] = (),
        bare: bool = False,
    ) -> None:
        self.folder = folder
        self.database = folder / "quartermaster.db"
        self.backups = folder / "backups"
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self.url = ""
        self.ended_in_s = 0.0
        self._port = free_port()
        self._words = () if bare else words or ("serve",)
        self._env = dict(env or {})
        self._under = tuple(under)
        self._readers: list[threading.Thread] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        self._unheard = hear(lambda: self.said)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._unheard()
        if self.is_running:
            self.kill()
        if error is not None:
            error.add_note(self.said)

    @property
    def said(self) -> str:
        """What it said last."""
        return "\n".join([*self.stdout[-100:], *self.stderr[-100:]])

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def records(self) -> list[dict[str, Any]]:
        """What stdout said, line by line; every line must be a JSON object."""
        return [json.loads(line) for line in tuple(self.stdout)]

    def start(self) -> None:
        """Start, and wait until it is healthy."""
        port = str(self._port)
        words = [*self._words, "--port", port] if self._words else []
        self.url = ""
        self._process = subprocess.Popen(
            [*self._under, sys.executable, "-m", "quartermaster", *words],
            cwd=_empty(self.folder),
            env=environment(self.folder, {"QUARTERMASTER_PORT": port, **self._env}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout and self._process.stderr
        self._readers = [_reading(self._process.stdout, self.stdout), _reading(self._process.stderr, self.stderr)]
        self.until(lambda: bool(self._address()) or not self.is_running)
        self.url = self._address()
        self.until(lambda: not self.is_running or self.get("/healthz")[0] == 200)
        assert self.is_running, "\n".join(["it ended:", *self.stdout, *self.stderr])

    def stop(self) -> int:
        """Ask it to end (SIGTERM), and wait; its exit code, once every line that it said is here.

        `ended_in_s` tells how long that took.
        """
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it at once (SIGKILL), as a power cut would."""
        return self._end(signal.SIGKILL)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """The status and the text of one answer; status 0 when nobody answers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{self.url}{path}", headers=named)
        try:
            with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (urllib.error.URLError, OSError):
            return 0, ""

    def heard(self, event: str, **fields: object) -> list[dict[str, Any]]:
        """The records of an event that have these fields."""
        return [r for r in self.records if r["event"] == event and fields.items() <= r.items()]

    def wait_for(self, event: str, **fields: object) -> dict[str, Any]:
        """The first record of an event with these fields, as soon as it is written."""
        self.until(lambda: bool(self.heard(event, **fields)))
        return self.heard(event, **fields)[0]

    def until(self, happened: Callable[[], bool], within_s: float = WITHIN_S) -> None:
        """Wait for something; fails with what the program said."""
        deadline = time.monotonic() + within_s
        while not happened():
            assert time.monotonic() < deadline, "\n".join(["it never happened:", *self.stdout[-40:], *self.stderr])
            time.sleep(0.02)

    def store(self) -> Store:
        """The same file, opened beside the program by this process. Close it."""
        return Store(self.database, now_ms=now_ms, new_id=time_ordered_id)

    def _address(self) -> str:
        # The last one: an earlier start may have said its own.
        lines = [*self.stderr, *(str(json.loads(line).get("message")) for line in tuple(self.stdout) if _SAID in line)]
        said = [line.removeprefix(_SAID).rstrip("/") for line in lines if line.startswith(_SAID)]
        return said[-1] if said and self.is_running else ""

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(how)
        code = self._process.wait(WITHIN_S)
        self.ended_in_s = time.monotonic() - began
        for reader in self._readers:
            reader.join(WITHIN_S)
        return code


def command(
    folder: Path,
    *words: str,
    env: Mapping[str, str | None] | None = None,
    program: tuple[str, ...] = (sys.executable, "-m", "quartermaster"),
    under: Sequence[str] = (),
    given: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, on the data file in `folder`: `command(tmp_path, "backup", "before tax")`.

    `given` is what it reads on stdin.
    """
    return subprocess.run(
        [*under, *program, *words],
        input=given,
        cwd=_empty(folder),
        env=environment(folder, env),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=2 * WITHIN_S,
        check=False,
    )


def environment(folder: Path, changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """This process's environment without anybody's settings, pointing at the data file in `folder`."""
    left_out = ("QUARTERMASTER_", "NICEGUI_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    kept |= {
        "PYTHONPATH": str(CHECKOUT),
        "XDG_DATA_HOME": str(folder / "share"),
        "QUARTERMASTER_DB_URL": f"sqlite:///{folder / 'quartermaster.db'}",
    }
    for name, value in (changes or {}).items():
        kept.pop(name, None)
        if value is not None:
            kept[name] = value
    return kept


def opened_by(pid: int) -> set[str]:
    """What a process holds open: paths and sockets, in the kernel's words."""
    held = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it is closed by now, as the socket of a request may be
            held.add(str(fd.readlink()))
    return held


def patience(seconds: float) -> float:
    """So long where nothing else runs; as much longer as the machine is busier than it can be."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def free_port() -> int:
    """A port for one who listens a while later, or again: neither the system nor another worker takes it meanwhile."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ours = PORTS[worker :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]
    while True:
        port = ours[secrets.randbelow(len(ours))]
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def without_rights() -> tuple[str, ...]:
    """What stands before a command to take the administrator's rights away, so that a folder can be closed to it."""
    taking = ("unshare", "--user", "--map-user=1000")
    if os.geteuid() != 0:
        return ()
    if subprocess.run([*taking, "true"], capture_output=True, check=False).returncode:
        pytest.skip("an administrator may open everything, and `unshare` with user name spaces does not work here")
    return taking


def _empty(folder: Path) -> Path:
    """A place to start from that has no .env unless the test put one there."""
    place = folder / "started-from"
    place.mkdir(exist_ok=True)
    return place


def _reading(stream: IO[str], lines: list[str]) -> threading.Thread:
    def read() -> None:
        with stream:
            lines.extend(line.rstrip("\n") for line in stream)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
