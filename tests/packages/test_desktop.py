"""What a desktop reads of the program: its entry, its icons, its description."""

from __future__ import annotations

import configparser
import plistlib
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from quartermaster import cli
from quartermaster.window.native import ICON, NAME
from tests.packages.made import needed
from tests.packages.test_version import VERSION
from tests.running import CHECKOUT

PACKAGING = CHECKOUT / "packaging"
DESKTOP = PACKAGING / "desktop"
ENTRY, DESCRIPTION = DESKTOP / "quartermaster.desktop", DESKTOP / "quartermaster.metainfo.xml"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """The description as packages have it, with the version and the day."""
    path = tmp_path / "local.quartermaster.Quartermaster.metainfo.xml"
    filling = f"from facts import DESKTOP, filled; print(filled(DESKTOP / {DESCRIPTION.name!r}), end='')"
    folder = PACKAGING / "bundle"
    path.write_bytes(
        subprocess.run([sys.executable, "-c", filling], cwd=folder, capture_output=True, check=True).stdout
    )
    return path


def test_the_entry_is_one_that_desktops_understand() -> None:
    needed("desktop-file-validate")
    said = subprocess.run(["desktop-file-validate", str(ENTRY)], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "")


def test_the_entry_starts_what_the_program_takes_and_finds_its_window_again() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]  # its keys have capitals
    entry.read(ENTRY)
    for section in entry.values():
        if "Exec" in section:
            program, *words = section["Exec"].split()
            assert program == NAME
            cli.parser().parse_args(words)
    main = entry["Desktop Entry"]
    assert main["Icon"] == main["StartupWMClass"] == main["TryExec"] == NAME == ENTRY.stem


def test_the_description_is_valid_and_of_this_version(described: Path) -> None:
    needed("appstreamcli")
    said = subprocess.run(["appstreamcli", "validate", "--no-net", str(described)], capture_output=True, check=False)
    assert said.returncode == 0, said.stdout.decode()
    text = described.read_text(encoding="utf-8")
    assert re.findall(r'<release version="([^"]+)" date="\d{4}-\d\d-\d\d"/>', text) == [VERSION]
    assert "@" not in text
    assert f"<id>{described.name.removesuffix('.metainfo.xml')}</id>" in text
    assert f'<launchable type="desktop-id">{ENTRY.name}</launchable>' in text


def test_what_macos_is_asked_to_allow_is_no_more_than_a_python_needs() -> None:
    """Read as macOS reads it: such a system is not here."""
    asked = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert asked == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def test_there_is_an_icon_of_each_size_and_the_window_has_the_same() -> None:
    assert {path.name for path in (DESKTOP / "icons").iterdir()} == {f"{size}.png" for size in SIZES}
    for size in SIZES:
        header = (DESKTOP / "icons" / f"{size}.png").read_bytes()[:24]
        assert struct.unpack(">8s8xII", header) == (b"\x89PNG\r\n\x1a\n", size, size)
    assert ICON.read_bytes() == (DESKTOP / "icons" / "256.png").read_bytes()


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="librsvg2-bin is not installed")
def test_the_icons_are_drawn_from_the_one_drawing(tmp_path: Path) -> None:
    drawn, kept = tmp_path / "drawn.png", DESKTOP / "icons" / "128.png"
    subprocess.run(["rsvg-convert", "-w", "128", "-h", "128", "-o", drawn, DESKTOP / "quartermaster.svg"], check=True)
    compared = subprocess.run(
        ["compare", "-metric", "RMSE", drawn, kept, "null:"], capture_output=True, text=True, check=False
    )
    # Other versions of the drawing program round otherwise; another drawing differs by far more.
    assert float(compared.stderr.split()[0]) < 655


def test_the_drawing_is_the_mark_of_the_pages() -> None:
    from quartermaster.ui.theme import FAVICON

    drawn = re.findall(r' d="([^"]+)"', (DESKTOP / "quartermaster.svg").read_text(encoding="utf-8"))
    assert drawn == re.findall(r' d="([^"]+)"', FAVICON)
