"""The installer for Windows, made by Inno Setup 6."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from environment import CannotPackage
from facts import BUILT, BUNDLE, ROOT, run, version

SCRIPT = ROOT / "packaging" / "windows" / "quartermaster.iss"
USUAL = Path(os.environ.get("PROGRAMFILES(X86)", "C:/Program Files (x86)")) / "Inno Setup 6" / "ISCC.exe"


def installer() -> Path:
    """The setup program for one person, without an administrator."""
    compiler = shutil.which("ISCC") or (str(USUAL) if USUAL.is_file() else None)
    if compiler is None:
        raise CannotPackage("Inno Setup 6 is not here. Install it: winget install JRSoftware.InnoSetup")
    name = f"quartermaster-{version()}-setup"
    run(compiler, "/Qp", f"/DVersion={version()}", f"/DBundle={BUNDLE}", f"/O{BUILT}", f"/F{name}", SCRIPT)
    return BUILT / f"{name}.exe"
