"""Makes the packages of the system that it runs on: `make package`; without make `python packaging/bundle`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from environment import CannotPackage, make
from facts import BUILT, BUNDLE, WORK, python, run

SPEC = Path(__file__).with_name("quartermaster.spec")


def main() -> int:
    """Build all, one after the other, and say what was made."""
    try:
        made = [make(), bundle(), *_packages()]
    except CannotPackage as error:
        print(f"No package: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"No package: {Path(str(error.cmd[0])).name} failed with {error.returncode}.", file=sys.stderr)
        return 1
    for path in made:
        print(path)
    return 0


def bundle() -> Path:
    """The program with its Python, as one folder that needs none."""
    shutil.rmtree(BUNDLE, ignore_errors=True)
    quietly = ("--noconfirm", "--clean", "--log-level", "WARN")
    # Not from the top of the checkout: its packages would be found there, instead of those that are installed.
    run(python(), "-m", "PyInstaller", *quietly, "--distpath", BUILT, "--workpath", WORK / "work", SPEC, cwd=WORK)
    return BUNDLE


def _packages() -> list[Path]:
    if sys.platform == "darwin":
        import macos

        return [macos.image()]
    if sys.platform == "win32":
        import windows

        return [windows.installer()]
    import debian
    import tree

    return [tree.archive(), *debian.packages()]


if __name__ == "__main__":
    sys.exit(main())
