"""The files of a Linux package where they belong, and the archive for systems without packages of ours."""

from __future__ import annotations

import os
import platform
import shutil
import tarfile
from pathlib import Path

from facts import BUILT, BUNDLE, DESKTOP, ROOT, WORK, filled, moment, version

NAME = "quartermaster"
COMPONENT = "local.quartermaster.Quartermaster"


def laid_out(root: Path, prefix: str = "usr") -> Path:
    """Put everything below `root`, which is emptied first: lib/quartermaster, a link in bin, what the desktop reads."""
    shutil.rmtree(root, ignore_errors=True)
    top = root / prefix
    shutil.copytree(BUNDLE, top / "lib" / NAME, symlinks=True)
    (top / "bin").mkdir()
    (top / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    share = top / "share"
    _copy(DESKTOP / f"{NAME}.desktop", share / "applications" / f"{NAME}.desktop")
    icons = share / "icons" / "hicolor"
    _copy(DESKTOP / f"{NAME}.svg", icons / "scalable" / "apps" / f"{NAME}.svg")
    for icon in (DESKTOP / "icons").glob("*.png"):
        _copy(icon, icons / f"{icon.stem}x{icon.stem}" / "apps" / f"{NAME}.png")
    described = share / "metainfo" / f"{COMPONENT}.metainfo.xml"
    described.parent.mkdir(parents=True)
    described.write_text(filled(DESKTOP / f"{NAME}.metainfo.xml"), encoding="utf-8")
    _copy(ROOT / "LICENSE", share / "doc" / NAME / "LICENSE")
    _same_rights(root)
    return root


def archive() -> Path:
    """All of it in one archive, to be unpacked anywhere: the link in bin and the rest find each other."""
    name = f"{NAME}-{version()}-linux-{platform.machine()}"
    root = laid_out(WORK / "archive" / name, prefix=".")
    path = BUILT / f"{name}.tar.xz"
    with tarfile.open(path, "w:xz", preset=2) as made:
        for one in sorted([root, *root.rglob("*")]):
            made.add(one, str(one.relative_to(root.parent)), recursive=False, filter=_dated)
    return path


def _dated(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime = int(moment().timestamp())
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _same_rights(root: Path) -> None:
    """Whoever builds it, under whatever mask: all may read, only the owner may write, programs and folders are open."""
    for one in [root, *root.rglob("*")]:
        if not one.is_symlink():
            is_open = one.is_dir() or (os.access(one, os.X_OK) and ".so" not in one.name)
            one.chmod(0o755 if is_open else 0o644)
