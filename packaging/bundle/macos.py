"""The disk image for macOS: the application, and beside it where it is dragged to."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from facts import BUILT, WORK, run, version

APPLICATION = BUILT / "Quartermaster.app"
IDENTITY = "CODESIGN_IDENTITY"
"""Names a certificate of the keychain. Without one the signature is local: the first start wants a right click."""


def image() -> Path:
    """Sign the application and make the image."""
    identity = os.environ.get(IDENTITY, "-")
    hardened = () if identity == "-" else ("--options", "runtime", "--timestamp")
    run("codesign", "--force", "--deep", *hardened, "--sign", identity, APPLICATION)
    folder = WORK / "image"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run("ditto", APPLICATION, folder / APPLICATION.name)
    (folder / "Applications").symlink_to("/Applications")
    path = BUILT / f"Quartermaster-{version()}-{platform.machine()}.dmg"
    path.unlink(missing_ok=True)
    run("hdiutil", "create", "-volname", "Quartermaster", "-srcfolder", folder, "-fs", "HFS+", "-format", "UDZO", path)
    return path
