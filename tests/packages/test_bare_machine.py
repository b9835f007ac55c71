"""The archive, unpacked on a Debian that has no Python, no webview and nothing else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.packages.machine import Machine, unpacked
from tests.packages.made import broken_assets, made
from tests.packages.test_version import VERSION
from tests.running import Program

pytestmark = pytest.mark.package


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    [archive] = made("quartermaster-@-linux-*.tar.xz")
    machine = unpacked(tmp_path)
    subprocess.run(["tar", "-xf", archive, "-C", machine.root / "opt", "--strip-components=1"], check=True)
    os.chown(tmp_path, 1000, 1000)
    return machine


def test_it_runs_without_python(machine: Machine) -> None:
    assert not list(machine.root.glob("usr/bin/python*"))
    assert machine.run("/opt/bin/quartermaster", "--version").stdout == f"quartermaster {VERSION}\n"
    assert machine.run("/opt/bin/quartermaster", "migrate", as_user=True).returncode == 0
    said = machine.run("/opt/bin/quartermaster", "doctor", as_user=True)
    assert (said.returncode, said.stdout.splitlines()[-1], said.stderr) == (0, "All is well.", "")


def test_it_serves(machine: Machine) -> None:
    with Program(machine.place, under=machine.under("/opt/bin/quartermaster", as_user=True)) as program:
        assert broken_assets(program) == {}
        assert program.stop() == 0
    assert not list(machine.place.glob("*.db-wal"))


def test_without_a_webview_it_names_the_package_and_opens_a_browser_instead(machine: Machine) -> None:
    browser = machine.root / "usr" / "bin" / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1 $LD_LIBRARY_PATH" > {machine.place}/browsed\n', encoding="utf-8")
    browser.chmod(0o755)
    env = {"DISPLAY": ":9999", "WAYLAND_DISPLAY": None, "BROWSER": "/usr/bin/browser %s"}
    under = machine.under("/opt/bin/quartermaster")
    with Program(machine.place, bare=True, under=under, env=env) as program:
        assert program.stderr[0].startswith("No window: the system's webview is missing; on Debian and Ubuntu install ")
        assert "`sudo apt install gir1.2-webkit2-4.1`" in program.stderr[0]
        program.until((machine.place / "browsed").exists)
        assert program.get("/")[0] == 200
        assert program.stop() == 0
    # The browser is not made to use the libraries of the package.
    program.until(lambda: (machine.place / "browsed").read_text(encoding="utf-8") == f"{program.url}/ \n")
