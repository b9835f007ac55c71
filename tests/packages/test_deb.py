"""The package for Debian: installed on a minimal one, used, upgraded, removed and purged."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from quartermaster.storage.backup import list_backups
from quartermaster.storage.doctor import examine
from tests.living import plan_entry
from tests.packages.machine import Machine, unpacked
from tests.packages.made import broken_assets, made, needed, newer, older
from tests.packages.test_packaged_window import a_day
from tests.packages.test_version import VERSION
from tests.running import Program
from tests.window.opened import Opened
from tests.window.screen import Screen, skip_or_fail

pytestmark = pytest.mark.package
COMMAND = "/usr/bin/quartermaster"


@pytest.fixture(scope="module")
def deb() -> Path:
    needed("dpkg-deb")
    [deb] = made("quartermaster_@_*.deb")
    return deb


@pytest.fixture(scope="module")
def depends(deb: Path) -> tuple[str, ...]:
    said = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], capture_output=True, text=True, check=True).stdout
    return tuple(re.findall(r"(?:^|, )([\w.+-]+)", said.strip()))


@pytest.fixture(scope="module")
def disk(depends: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That of a machine which has what the package depends on, and nothing else."""
    return unpacked(tmp_path_factory.mktemp("debian"), *depends).root


@pytest.fixture
def machine(disk: Path, tmp_path: Path) -> Machine:
    """One without the package."""
    machine = Machine(disk, tmp_path)
    machine.run("dpkg", "--purge", "quartermaster")
    os.chown(tmp_path, 1000, 1000)
    return machine


@pytest.fixture
def installed(machine: Machine, deb: Path) -> Machine:
    install(machine, deb)
    return machine


def install(machine: Machine, deb: Path) -> None:
    shutil.copy(deb, machine.place / "the.deb")
    said = machine.run("dpkg", "--install", str(machine.place / "the.deb"))
    assert (said.returncode, said.stderr) == (0, "")


def test_it_asks_for_what_draws_the_window_and_has_no_scripts(
    deb: Path, depends: tuple[str, ...], tmp_path: Path
) -> None:
    assert {"gir1.2-webkit2-4.1", "libgirepository-1.0-1", "libc6", "libssl3", "libsqlite3-0"} <= set(depends)
    subprocess.run(["dpkg-deb", "--control", deb, tmp_path / "control"], check=True)
    assert {path.name for path in (tmp_path / "control").iterdir()} == {"control"}


def test_all_in_it_is_the_administrators_and_may_be_read_by_all(deb: Path) -> None:
    listed = subprocess.run(["dpkg-deb", "--contents", deb], capture_output=True, text=True, check=True).stdout
    wrong = [
        line
        for line in listed.splitlines()
        if not re.match(r"(drwxr-xr-x|-rw[x-]r-[x-]r-[x-]|lrwxrwxrwx) root/root", line)
    ]
    assert wrong == []
    assert not re.search(r"\.pyc$|/tests?/|\.typelib$|/libssl|/libsqlite3", listed, re.MULTILINE)


def test_an_installed_one_works_for_everybody(installed: Machine) -> None:
    assert installed.run("quartermaster", "--version", as_user=True).stdout == f"quartermaster {VERSION}\n"
    assert installed.run("quartermaster", "--help", as_user=True).stdout.startswith("usage: quartermaster ")
    assert installed.run("quartermaster", "migrate", as_user=True).returncode == 0
    said = installed.run("quartermaster", "doctor", as_user=True)
    assert (said.returncode, said.stdout.splitlines()[-1], said.stderr) == (0, "All is well.", "")
    with Program(installed.place, under=installed.under(COMMAND, as_user=True)) as program:
        assert broken_assets(program) == {}
        assert program.stop() == 0


def test_the_desktop_finds_it(installed: Machine) -> None:
    share = installed.root / "usr" / "share"
    assert (share / "applications" / "quartermaster.desktop").is_file()
    assert (share / "icons" / "hicolor" / "scalable" / "apps" / "quartermaster.svg").is_file()
    assert (share / "icons" / "hicolor" / "48x48" / "apps" / "quartermaster.png").is_file()
    told = (share / "metainfo" / "local.quartermaster.Quartermaster.metainfo.xml").read_text(encoding="utf-8")
    assert f'<release version="{VERSION}"' in told
    copyright_said = (share / "doc" / "quartermaster" / "copyright").read_text(encoding="utf-8")
    assert "Permission is hereby granted" in copyright_said
    assert "nicegui 3." in copyright_said


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    skip_or_fail()
    screen = Screen()
    yield screen
    screen.close()


def test_its_window_lives_through_a_day(installed: Machine, screen: Screen) -> None:
    program = (*installed.entering(), COMMAND)
    a_day(Opened(screen, installed.place, program=program))


def test_an_upgrade_keeps_the_household_and_brings_it_up_to_date(machine: Machine, deb: Path) -> None:
    install(machine, of_before(deb, machine.place))
    older(machine.place / "quartermaster.db")
    install(machine, deb)
    assert machine.run("dpkg-query", "--show", "quartermaster").stdout == f"quartermaster\t{VERSION}\n"
    with Program(machine.place, under=machine.under(COMMAND)) as program:
        with closing(program.store()) as store:
            plan_entry(store, "Groceries")
        assert "Groceries" in program.get("/")[1]
        program.stop()
    assert "before-migration" in {backup.reason for backup in list_backups(machine.place / "backups")}
    assert not (machine.root / "usr" / "lib" / "quartermaster" / "of-before").exists()


def test_an_older_program_refuses_what_a_newer_one_wrote(installed: Machine) -> None:
    assert installed.run("quartermaster", "migrate").returncode == 0
    newer(installed.place / "quartermaster.db")
    said = installed.run("quartermaster", "serve", "--port", "0")
    assert (said.returncode, said.stdout) == (1, "")
    assert "was written by a newer Quartermaster (schema 9999). Update this program" in said.stderr


@pytest.mark.parametrize("how", ["--remove", "--purge"])
def test_removing_it_leaves_the_household_and_nothing_else(how: str, machine: Machine, deb: Path) -> None:
    before = machine.files()
    install(machine, deb)
    assert machine.run("quartermaster", "migrate").returncode == 0
    with Program(machine.place, under=machine.under(COMMAND)) as program:
        assert program.get("/")[0] == 200
        program.stop()
    said = machine.run("dpkg", how, "quartermaster")
    assert (said.returncode, said.stderr) == (0, "")
    assert machine.files() - before == set()
    assert before - machine.files() == set()
    assert machine.run("dpkg-query", "--show", "quartermaster").returncode == 1
    assert examine(machine.place / "quartermaster.db").findings == ()


def of_before(deb: Path, place: Path) -> Path:
    """The same package under an older version, with a file that this one does not have."""
    tree, old = place / "tree", place / "old.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    control = tree / "DEBIAN" / "control"
    control.write_text(
        re.sub(r"^Version: .*$", "Version: 0.0.1", control.read_text(encoding="utf-8"), flags=re.MULTILINE), "utf-8"
    )
    (tree / "usr" / "lib" / "quartermaster" / "of-before").touch()
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, old], check=True)
    shutil.rmtree(tree)
    return old
