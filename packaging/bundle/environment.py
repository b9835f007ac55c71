"""The environment that packages are made in: what requirements.lock names, this program, and the system's `gi`."""

from __future__ import annotations

import shutil
import sys
import sysconfig
import venv
from pathlib import Path

from facts import BUILT, ENVIRONMENT, ROOT, python, run

LOCK = Path(__file__).with_name("requirements.lock")
PACKAGES = ("gi", "PyGObject-*.egg-info", "PyGObject-*.dist-info", "pygobject-*.dist-info")


class CannotPackage(Exception):
    """What is missing for a package, and how it is had."""


def make() -> Path:
    """Make it anew, so that nothing is packaged which the lock does not name; the wheel of this program."""
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    venv.create(ENVIRONMENT, with_pip=True)
    pip = (python(), "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "install", "--require-hashes", "--no-deps", "-r", LOCK)
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", BUILT, ROOT)
    wheel = max(BUILT.glob("quartermaster-*.whl"), key=lambda path: path.stat().st_mtime)
    run(*pip, "install", "--no-deps", "--no-index", wheel)
    if sys.platform.startswith("linux"):
        _take_gi()
    return wheel


def _take_gi() -> None:
    """Take the distribution's way to GTK, which comes with its libraries and not as a wheel."""
    folder = _where_gi_is()
    if folder is None:
        major, minor = sys.version_info[:2]
        raise CannotPackage(
            f"The window of a package needs the system's `gi`, made for Python {major}.{minor}, the one that builds. "
            "On Debian and Ubuntu: sudo apt install python3-gi gir1.2-webkit2-4.1, and PYTHON=/usr/bin/python3."
        )
    target = Path(sysconfig.get_path("purelib", vars={"base": str(ENVIRONMENT), "platbase": str(ENVIRONMENT)}))
    for pattern in PACKAGES:
        for found in folder.glob(pattern):
            shutil.copytree(found, target / found.name, ignore=shutil.ignore_patterns("__pycache__"))


def _where_gi_is() -> Path | None:
    """A folder that has it for this very Python: the environment's own, or the distribution's."""
    major, minor = sys.version_info[:2]
    folders = (
        Path("/usr/lib/python3/dist-packages"),
        Path(f"/usr/lib64/python{major}.{minor}/site-packages"),
        Path(f"/usr/lib/python{major}.{minor}/site-packages"),
    )
    return next((one for one in folders if any(one.glob(f"gi/_gi.cpython-{major}{minor}-*.so"))), None)
