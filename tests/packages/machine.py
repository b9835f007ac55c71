"""A machine that has Debian and nothing else: a folder to change into, as root, for one test."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from tests.packages.made import lacking, needed
from tests.running import CHECKOUT, environment

KEPT = CHECKOUT / "build" / "package" / "machines"
"""Where machines are kept from one run to the next; `make clean` removes them."""
ENTER = """
set -e
mount --rbind /dev "$ROOT/dev"
mount -t proc proc "$ROOT/proc"
mkdir -p "$ROOT$PLACE"
mount --bind "$PLACE" "$ROOT$PLACE"
exec chroot $AS "$ROOT" "$@"
"""
"""Run in a mount space of its own, so that all mounts are gone with the program."""
AS_USER = "--userspec=1000:1000"


class Machine:
    """`root` is its disk. The folder `place` is there under the same name as here, and so is this machine's network."""

    def __init__(self, root: Path, place: Path) -> None:
        self.root, self.place = root, place

    def under(self, program: str, *, as_user: bool = False) -> tuple[str, ...]:
        """What stands before `python -m quartermaster` to run a program of this machine in its place."""
        return (*self.entering(as_user=as_user, shift=3), program)

    def entering(self, *, as_user: bool = False, shift: int = 0) -> tuple[str, ...]:
        """What stands before a command to run it on this machine."""
        told = f"ROOT={self.root}", f"PLACE={self.place}", f"AS={AS_USER if as_user else ''}"
        leaving = f'program=$1; shift {shift + 1}; set -- "$program" "$@"' if shift else ""
        return ("env", *told, "unshare", "--mount", "sh", "-c", f"{leaving}\n{ENTER}", "sh")

    def run(
        self, *words: str, env: Mapping[str, str | None] | None = None, as_user: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """One command to its end."""
        return subprocess.run(
            [*self.entering(as_user=as_user), *words],
            env=environment(
                self.place, {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.place), **(env or {})}
            ),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def files(self) -> set[str]:
        """Everything on its disk but what each run changes."""
        passing = ("/var/log", "/var/cache", "/var/lib/dpkg", "/tmp", "/dev", "/proc", str(self.place))
        names = (f"/{path.relative_to(self.root)}" for path in self.root.rglob("*"))
        return {name for name in names if not name.startswith(passing)}


def unpacked(place: Path, *packages: str) -> Machine:
    """A new one with these packages of Debian's, of the release that this machine has."""
    needed("mmdebstrap", "unshare", "chroot")
    if os.geteuid() != 0:
        lacking("a machine to install on is made by root only")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        lacking("a machine to install on needs the right to mount")
    release = platform.freedesktop_os_release()
    if release["ID"] != "debian":
        lacking("a machine to install on is made on Debian only")
    wanted = sha256(" ".join(sorted(packages)).encode()).hexdigest()[:12]
    kept = KEPT / f"{release['VERSION_CODENAME']}-{wanted}.tar"
    if not kept.exists():
        _make(kept, release["VERSION_CODENAME"], packages)
    root = place.with_name(f"{place.name}-machine")
    root.mkdir()
    subprocess.run(["tar", "-xf", kept, "-C", root, "--exclude=./dev/*"], check=True)
    return Machine(root, place)


def _make(kept: Path, release: str, packages: tuple[str, ...]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(".new.tar")
    with_them = [f"--include={','.join(packages)}"] if packages else []
    words = ["mmdebstrap", "--quiet", "--variant=minbase", *with_them, release, str(fresh)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        lacking(f"no machine to install on could be made: {done.stderr[-500:]}")
    fresh.replace(kept)
