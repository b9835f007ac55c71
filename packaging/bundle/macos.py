"""The disk image for macOS: the application, and beside it where it is dragged to."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

from facts import BUILT, WORK, run, version

APPLICATION = BUILT / "Quartermaster.app"


def image() -> Path:
    """Make it of the application, whose signature must hold: where it does not, PyInstaller only warns."""
    run("codesign", "--verify", "--all-architectures", "--deep", "--strict", APPLICATION)
    folder = WORK / "image"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run("ditto", APPLICATION, folder / APPLICATION.name)
    (folder / "Applications").symlink_to("/Applications")
    path = BUILT / f"Quartermaster-{version()}-{platform.machine()}.dmg"
    path.unlink(missing_ok=True)
    run("hdiutil", "create", "-volname", "Quartermaster", "-srcfolder", folder, "-fs", "HFS+", "-format", "UDZO", path)
    return path
