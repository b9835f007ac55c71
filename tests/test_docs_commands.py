"""What the pages for operators show is done, command by command, on a household that is real."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from quartermaster.storage.backup import back_up
from quartermaster.storage.doctor import examine
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from tests.deploy.deploying import Host, program
from tests.deploy.tools import tool
from tests.documentation import DOCS, OPERATIONS, text_of
from tests.living import plan_entry
from tests.reading_along import Machine, Shown, commands
from tests.running import CHECKOUT, WITHIN_S, Program, free_port

NAMED = "quartermaster-20260517-063000"
TOKEN = "tide-pool"
ON_A_HOST = {
    "git clone https://forgejo.example.org": "the household's own Forgejo; the tests have the checkout instead",
    "make test": "it would run these tests again",
    "make run": "it sets up an environment of its own",
    "-m venv quartermaster-venv": "it fetches all packages; tests/test_sdist.py looks at what is installed from",
}
"""What cannot be done here, and why."""


def test_little_is_left_to_believe() -> None:
    pages = [CHECKOUT / "README.md", OPERATIONS, DOCS / "backups.md", DOCS / "deployment.md"]
    shown = [one for page in pages for one in commands(text_of(page))]
    left = [one for one in shown if _on_a_host(one)]
    assert len(shown) > 30
    assert len(left) == 3
    assert all(any(line in one[1] for one in left) for line in ON_A_HOST)
    # What `make` would do is asked of it.
    makes = re.findall(r"^make (\w+)", text_of(CHECKOUT / "README.md"), re.MULTILINE)
    assert subprocess.run(["make", "--dry-run", *makes], cwd=CHECKOUT, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("page", [OPERATIONS, DOCS / "backups.md"], ids=lambda page: page.stem)
def test_the_commands_of_a_page_do_what_they_are_shown_for(page: Path, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with Program(tmp_path / "server", env={"QUARTERMASTER_METRICS_TOKEN": TOKEN}) as server:
        place = _household(tmp_path)
        machine = _laptop(tmp_path, place, server)
        if "restic" in text_of(page):
            subprocess.run([tool("restic"), "init", "--quiet"], env=machine.env, check=True)
        for shown in commands(text_of(page)):
            if not _on_a_host(shown):
                said = _done(machine, shown[1])
                assert said.returncode == 0, f"{shown[1]}\n{said.stdout}"
    assert examine(place / "quartermaster.db").findings == ()
    reasons = {re.sub(r".*-\d{6}-|\.db", "", path.name) for path in (place / "backups").glob("quartermaster-*.db")}
    assert {"before-the-tax-year", "before-restore"} <= reasons


def test_the_passwords_of_the_page_are_two_lines_that_the_program_takes(tmp_path: Path) -> None:
    place = _household(tmp_path)
    machine = Machine(tmp_path / "machine", {}, {})
    machine.at = place
    [script] = [script for _, script in commands(text_of(OPERATIONS)) if "passwd sam" in script]
    assert machine.do(script).returncode == 0
    lines = (place / "htpasswd").read_text(encoding="utf-8").split()
    assert [line.partition(":")[0] for line in lines] == ["sam", "sam"]
    for line in lines:
        (place / "htpasswd").write_text(f"{line}\n", encoding="utf-8")
        asking = {"QUARTERMASTER_AUTH": "basic", "QUARTERMASTER_HTPASSWD": str(place / "htpasswd")}
        with Program(place, env=asking) as program:
            assert program.get("/", authorization="Basic c2FtOnRpZGUgcG9vbCBhdCBub29u")[0] == 200
            assert program.get("/")[0] == 401


def test_a_household_is_installed_upgraded_taken_back_and_moved_as_the_page_says(tmp_path: Path) -> None:
    host = Host(tmp_path, before=None)
    try:
        machine = _platform(tmp_path, host)
        for shown in commands(text_of(DOCS / "deployment.md")):
            if _on_a_host(shown):
                continue
            said = machine.do(shown[1])
            assert said.returncode == 0, f"{shown[1]}\n{said.stdout}\n{host.log}"
            _afterwards(machine, shown[1], said.stdout)
        assert host.running == "8d01b7e"
    finally:
        host.end()


def _on_a_host(shown: Shown) -> bool:
    return any(line in shown[1] for line in ON_A_HOST)


def _household(folder: Path) -> Path:
    """A folder with a household, and the backup that the pages name."""
    place = folder / "place"
    place.mkdir()
    database, backups = place / "quartermaster.db", place / "backups"
    prepare(database, backups)
    with closing(Store(database, now_ms=lambda: time.time_ns() // 1_000_000, new_id=uuid4)) as store:
        store.found("USD")
        plan_entry(store)
    _keep_backups(database, backups)
    return place


def _keep_backups(database: Path, backups: Path) -> None:
    for reason in ("daily", "before-migration"):
        made = back_up(database, backups, reason)
        shutil.copy(made.path, backups / f"{NAMED}-{reason}.db")


def _laptop(folder: Path, place: Path, server: Program) -> Machine:
    told = {
        "QUARTERMASTER_DB_URL": f"sqlite:///{place / 'quartermaster.db'}",
        "QUARTERMASTER_SYNC_URL": server.url,
        "TOKEN": TOKEN,
        "RESTIC_REPOSITORY": str(folder / "copies"),
        "RESTIC_PASSWORD": "tide pool",
    }
    places = {
        "8080": str(free_port()),
        "https://budget.example.org": server.url,
        "/srv/quartermaster/scripts": str(CHECKOUT / "scripts"),
        "/srv/data": str(place),
        "sqlite:////data": f"sqlite:///{place}",
    }
    machine = Machine(folder / "machine", told, places)
    for name in ("backups", "scripts"):
        (machine.home / name).symlink_to((place if name == "backups" else CHECKOUT) / name)
    (machine.home / "new").mkdir()
    return machine


def _done(machine: Machine, script: str) -> subprocess.CompletedProcess[str]:
    """What a command says; what asks the running program finds one that runs."""
    if script.startswith("quartermaster serve"):
        with _serving(machine, script):
            return subprocess.CompletedProcess(script, 0, "", "")
    if "127.0.0.1:8080" in script or "health --port" in script:
        with _serving(machine, "quartermaster serve --port 8080"):
            return machine.do(script)
    return machine.do(script)


@contextmanager
def _serving(machine: Machine, script: str) -> Iterator[None]:
    words = shlex.split(machine.meant(script))
    process = subprocess.Popen(
        [sys.executable, "-m", *words], cwd=machine.home, env=machine.env, stdout=subprocess.PIPE, text=True
    )
    try:
        _until(lambda: _is_well(f"http://127.0.0.1:{words[-1]}/healthz"))
        yield
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0


def _is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=WITHIN_S) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _platform(folder: Path, host: Host) -> Machine:
    """A host with an engine and a registry, and nothing of the household on it yet."""
    root = folder / "root"
    places = {
        "-C / srv": f"-C {root} srv",
        "--numeric-owner -C /": f"--numeric-owner -C {root}",
        "/srv/": f"{root}/srv/",
        "/mnt/": f"{root}/mnt/",
        "/data/": f"{root}/mnt/quartermaster/",
        "https://budget.example.org": f"http://127.0.0.1:{host.port}",
    }
    machine = Machine(root, {**host.env, "PATH": f"{root / 'bin'}:{host.env['PATH']}"}, places)
    for part in ("srv", "mnt"):
        (root / part).mkdir()
    host.folder = root / "srv" / "quartermaster"
    told = {
        "PYTHONPATH": CHECKOUT,
        "QUARTERMASTER_DB_URL": f"sqlite:///{root}/mnt/quartermaster/quartermaster.db",
        "QUARTERMASTER_PORT": host.port,
        "QUARTERMASTER_LOG_FORMAT": "json",
    }
    environment = [f"{name}={value}" for name, value in told.items()]
    for image in ("built", "registry/3f2c9a1", "registry/8d01b7e"):
        program(host.machine / image, "env", *environment, sys.executable, "-m", "quartermaster")
    return machine


def _afterwards(machine: Machine, script: str, said: str) -> None:
    """What the page says that one sees, or what happens between two of its blocks."""
    data = machine.root / "mnt" / "quartermaster"
    if "doctor" in script:
        assert "All is well." in said
        if not list((data / "backups").glob(f"{NAMED}*")):
            _keep_backups(data / "quartermaster.db", data / "backups")
    if "inspect" in script:
        assert said.strip() == "172.18.0.0/16"
    if script.startswith("curl -fsS"):
        assert said == '{"status":"ok"}'
    if "tar -czf" in script:
        # What follows is done on another host.
        for part in ("srv", "mnt"):
            (machine.root / part).rename(machine.root / f"old-{part}")
            (machine.root / part).mkdir()
        machine.at = machine.home
