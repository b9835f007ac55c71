"""packaging/restic, with the real restic: what it keeps is whole, and what was acknowledged before is in it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.storage.backup import list_backups
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from tests.deploy.tools import complaints, missing, tool
from tests.living import entry, plan_entry, posted, started
from tests.running import CHECKOUT, Program, command, environment

RESTIC = CHECKOUT / "packaging" / "restic"
SCRIPT = RESTIC / "quartermaster-restic"
INSTALLED = "/usr/local/bin/quartermaster-restic"
TIMES = 20
PAUSE_S = 0.02
"""Between two writes of the stream: some dozens of them fall into each backup."""
UNITS = ("quartermaster-restic.service", "quartermaster-restic.timer")


@dataclass(frozen=True)
class Repository:
    """A restic repository, and the data folder that the script backs up into it."""

    path: Path
    data: Path
    password: Path

    @property
    def env(self) -> dict[str, str | None]:
        return {
            "RESTIC_REPOSITORY": str(self.path),
            "RESTIC_PASSWORD_FILE": str(self.password),
            "RESTIC_CACHE_DIR": str(self.path.with_name("cache")),
            "QUARTERMASTER_DATA": str(self.data),
            "BACKUP_COMMAND": f"{sys.executable} -m quartermaster backup",
        }

    def restic(self, *words: str) -> str:
        said = subprocess.run(
            [tool("restic"), *words], env=environment(self.data, self.env), capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr
        return said.stdout

    @property
    def snapshots(self) -> list[str]:
        """Their ids, the oldest first."""
        found = json.loads(self.restic("snapshots", "--json"))
        return [one["id"] for one in sorted(found, key=lambda one: str(one["time"]))]

    def restored(self, snapshot: str, target: Path) -> Path:
        """The data folder as it was kept."""
        self.restic("restore", snapshot, "--target", str(target))
        return target / self.data.relative_to("/")


@pytest.fixture
def repository(tmp_path: Path, store: Store) -> Repository:
    """An empty one, for the household of `store`, in which a month has been started."""
    plan_entry(store)
    started(store)
    password = tmp_path / "password"
    password.write_text("a long passphrase", encoding="utf-8")
    beside = tmp_path.parent / f"{tmp_path.name}-restic"
    beside.mkdir()
    made = Repository(beside / "repository", tmp_path, password)
    made.restic("init")
    return made


def run(repository: Repository, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return command(repository.data, *words, env={**repository.env, **env}, program=(str(SCRIPT),))


@contextmanager
def writing(store: Store) -> Iterator[list[UUID]]:
    """A stream of postings, meanwhile; the ids of those that were acknowledged so far."""
    acknowledged: list[UUID] = []
    groceries, over = entry(store, "Groceries").id, threading.Event()

    def write() -> None:
        while not over.wait(PAUSE_S):
            acknowledged.append(posted(store, groceries, len(acknowledged) + 1).id)

    with ThreadPoolExecutor(1) as thread:
        stream = thread.submit(write)
        try:
            yield acknowledged
        finally:
            over.set()
        stream.result()


def kept_in(data: Path) -> set[UUID]:
    """The postings in a restored data folder, by its newest copy for restic, which opens and passes the doctor."""
    copy = next(one.path for one in list_backups(data / "backups") if one.reason.startswith("restic"))
    assert examine(copy).findings == ()
    with closing(sqlite3.connect(copy)) as connection:
        return {UUID(bytes=one) for (one,) in connection.execute("SELECT id FROM posting")}


def test_each_of_many_snapshots_during_a_stream_of_writes_has_what_was_acknowledged(
    repository: Repository, store: Store, tmp_path: Path
) -> None:
    before: list[int] = []
    with Program(repository.data) as program, writing(store) as acknowledged:
        for _ in range(TIMES):
            program.until(lambda: len(acknowledged) > (before or [0])[-1])
            before.append(len(acknowledged))
            done = run(repository, "backup")
            assert done.returncode == 0, done.stderr
    snapshots = repository.snapshots
    assert len(snapshots) == TIMES

    def kept(number: int) -> set[UUID]:
        return kept_in(repository.restored(snapshots[number], tmp_path / "restored" / str(number)))

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for number, postings in enumerate(threads.map(kept, range(TIMES))):
            assert postings >= set(acknowledged[: before[number]])
    assert len([one for one in list_backups(repository.data / "backups") if one.reason.startswith("restic")]) == 1


def test_what_cannot_be_whole_or_is_not_finished_is_left_out(repository: Repository, tmp_path: Path) -> None:
    (repository.data / "backups").mkdir()
    (repository.data / "backups" / ".partial-1-20260517063000").write_text("half", encoding="utf-8")
    (repository.data / "backups" / "quartermaster-20260517-063000-daily.db").write_text("whole", encoding="utf-8")
    (repository.data / "browsers.secret").write_text("kept", encoding="utf-8")
    assert (repository.data / "quartermaster.db-wal").exists()
    assert run(repository).returncode == 0
    data = repository.restored("latest", tmp_path / "restored")
    assert not list(data.glob("*.db*"))
    assert (data / "browsers.secret").exists()
    names = sorted(re.sub(r"\d{8}-\d{6}", "T", path.name) for path in (data / "backups").iterdir())
    assert names == ["quartermaster-T-daily.db", "quartermaster-T-restic.db"]


@pytest.mark.parametrize("link", ["the data", "the backups"])
def test_a_folder_that_is_only_a_link_to_another_disk_is_kept_whole(
    link: str, repository: Repository, tmp_path: Path
) -> None:
    disk = tmp_path.parent / f"{tmp_path.name}-disk"
    if link == "the data":
        disk.symlink_to(repository.data)
        done = run(repository, "backup", QUARTERMASTER_DATA=f"{disk}/")
    else:
        disk.mkdir()
        (repository.data / "backups").symlink_to(disk)
        done = run(repository, "backup")
    assert done.returncode == 0, done.stderr
    repository.restic("restore", "latest", "--target", str(tmp_path / "restored"))
    assert [path.name[-10:] for path in (tmp_path / "restored").rglob("*.db")] == ["-restic.db"]


def test_only_copies_that_were_made_for_restic_are_removed_and_only_once_it_has_a_newer(
    repository: Repository, tmp_path: Path
) -> None:
    backups = repository.data / "backups"
    backups.mkdir()
    ours = ["quartermaster-20260517-063000-restic.db", "quartermaster-20260517-063000-restic-2.db"]
    others = ["quartermaster-20260517-063000-daily.db", "quartermaster-20260517-063000-restic-and-i.db", "restic.db"]
    for name in (*ours, *others):
        (backups / name).write_text(name, encoding="utf-8")
    assert run(repository, "backup", RESTIC_PASSWORD_FILE="/no/such/file").returncode != 0
    assert all((backups / name).exists() for name in (*ours, *others))
    # What restic was told to leave out by others' rules is not in the repository either.
    stricter = tmp_path / "restic"
    told = '[ "$1" = backup ] && set -- "$@" --exclude "*-restic*.db"'
    stricter.write_text(f'#!/bin/sh\n{told}\nexec "$RESTIC" "$@"\n', encoding="utf-8")
    stricter.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    refused = run(repository, "backup", PATH=path, RESTIC=str(tool("restic")))
    assert (refused.returncode, "is not in the snapshot" in refused.stderr) == (1, True)
    assert all((backups / name).exists() for name in (*ours, *others))
    assert run(repository, "backup").returncode == 0
    assert [(backups / name).exists() for name in (*ours, *others)] == [False, False, True, True, True]


def test_another_machine_may_back_its_household_up_into_the_same_repository(repository: Repository) -> None:
    words = ("--tag", "quartermaster", "--host", "another", "--time", "2099-01-01 00:00:00")
    repository.restic("backup", *words, str(repository.password))
    done = run(repository, "backup")
    assert done.returncode == 0, done.stderr
    assert len(repository.snapshots) == 2


def test_without_a_checked_copy_there_is_no_snapshot(repository: Repository, tmp_path: Path) -> None:
    for failing in ("false", "echo /data/backups/quartermaster-20260517-063000-restic.db (1 bytes)"):
        assert run(repository, BACKUP_COMMAND=failing).returncode != 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    said = run(repository, QUARTERMASTER_DATA=str(elsewhere))
    assert said.returncode == 1
    assert "QUARTERMASTER_DATA must be the folder of the data" in said.stderr
    assert repository.snapshots == []


def test_the_policy_forgets_what_is_too_many(repository: Repository) -> None:
    for _ in range(2):
        assert run(repository, "backup").returncode == 0
    assert run(repository, "forget", KEEP="--keep-last 2").returncode == 0
    assert len(repository.snapshots) == 2
    assert run(repository, "forget").returncode == 0
    assert len(repository.snapshots) == 1
    assert "--keep-daily 7 --keep-weekly 8 --keep-monthly 12" in SCRIPT.read_text(encoding="utf-8")
    assert run(repository, "forgive").returncode == 2


def test_the_units_are_ones_that_systemd_understands(tmp_path: Path) -> None:
    for name in UNITS:
        unit = (RESTIC / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(unit.replace(INSTALLED, str(SCRIPT)), encoding="utf-8")
    assert f"ExecStart={INSTALLED}\n" in (RESTIC / UNITS[0]).read_text(encoding="utf-8")
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze is not here; it comes with systemd")
    said = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    # What it says of other units of this machine is not about ours.
    complained = [line for line in said.stderr.splitlines() if any(name in line for name in UNITS)]
    assert (said.returncode, complained) == (0, [])


def test_the_script_of_the_example_reads_each_variable_and_nothing_else() -> None:
    example = set(re.findall(r"^([A-Z_]+)=", (RESTIC / "restic.env.example").read_text(encoding="utf-8"), re.MULTILINE))
    read = set(re.findall(r"\$\{([A-Z_]+):-", SCRIPT.read_text(encoding="utf-8")))
    assert example == read | {"RESTIC_REPOSITORY", "RESTIC_PASSWORD_FILE"}


def test_the_linters_find_nothing() -> None:
    assert complaints("shellcheck", str(SCRIPT)) == ""
