"""The package for Debian and Ubuntu: no scripts, no settings of the system's, nothing in anybody's home."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from email.utils import format_datetime
from pathlib import Path

from environment import CannotPackage
from facts import BUILT, ROOT, WORK, moment, python, reproducible, run, version
from tree import NAME, laid_out

DEBIAN = ROOT / "packaging" / "linux"
WEBVIEW = ("gir1.2-gtk-3.0", "gir1.2-webkit2-4.1")
"""What draws the window. No library is linked to it: it is looked for by name when the window opens."""
DEBIANS_OWN = ("libssl.so*", "libcrypto.so*", "libsqlite3.so*", "libbz2.so*", "liblzma.so*", "libexpat.so*")
"""What the bundle brings for systems that lack it. Here the system's are used, which it keeps safe."""
TOOLS = {"dpkg-deb": "dpkg", "dpkg-shlibdeps": "dpkg-dev"}
MAINTAINER = "The Quartermaster authors <maintainers@quartermaster.invalid>"
KIBIBYTE = 1024
LISTING = """
from quartermaster.about import libraries
for one in libraries():
    print(f"{one.name} {one.version}: {one.licence}")
"""


def packages() -> list[Path]:
    """The .deb; none on a system that has no tools for it."""
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if "dpkg" in missing:
        return []
    if missing:
        raise CannotPackage(f"The .deb needs {', '.join(missing)}. On Debian and Ubuntu: sudo apt install dpkg-dev.")
    root = laid_out(WORK / "deb" / NAME)
    for library in DEBIANS_OWN:
        for copy in (root / "usr" / "lib" / NAME / "_internal").glob(library):
            copy.unlink()
    _document(root / "usr" / "share" / "doc" / NAME)
    _control(root)
    architecture = _said("dpkg", "--print-architecture")
    path = BUILT / f"{NAME}_{version()}_{architecture}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "-z2", "--build", root, path)
    return [path]


def _control(root: Path) -> None:
    # Each file counts as whole blocks, as Debian does it.
    size = sum(-(-one.lstat().st_size // KIBIBYTE) for one in root.rglob("*"))
    text = (DEBIAN / "control").read_text(encoding="utf-8")
    for name, value in {
        "VERSION": version(),
        "ARCHITECTURE": _said("dpkg", "--print-architecture"),
        "SIZE": str(size),
        "DEPENDS": ", ".join([*_libraries(root), *WEBVIEW]),
        "MAINTAINER": MAINTAINER,
    }.items():
        text = text.replace(f"@{name}@", value)
    place = root / "DEBIAN"
    place.mkdir(mode=0o755)
    (place / "control").write_text(text, encoding="utf-8")
    (place / "control").chmod(0o644)


def _libraries(root: Path) -> list[str]:
    """The packages of the libraries that the program is linked to and does not bring."""
    whole = root / "usr" / "lib" / NAME
    own = whole / "_internal"
    linked = [one for one in sorted(whole.rglob("*")) if one.is_file() and one.read_bytes()[:4] == b"\x7fELF"]
    # It insists on a source package's control file, in the folder where it is run.
    place = WORK / "deb" / "linked"
    (place / "debian").mkdir(parents=True, exist_ok=True)
    (place / "debian" / "control").write_text(f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n")
    folders = sorted({f"-l{one.parent}" for one in own.rglob("*.so*")})
    words = ("dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0", *folders, *map(str, linked))
    said = subprocess.run(words, cwd=place, env=reproducible(), capture_output=True, text=True, check=True).stdout
    found = re.search(r"^shlibs:Depends=(.*)$", said, re.MULTILINE)
    return found[1].split(", ") if found else []


def _document(place: Path) -> None:
    (place / "LICENSE").unlink()
    (place / "copyright").write_text(_copyright(), encoding="utf-8")
    _packed(place / "CHANGELOG.md.gz", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    said = (
        f"{NAME} ({version()}) stable; urgency=medium\n\n  * What is new is in CHANGELOG.md.gz, beside this file.\n\n"
    )
    _packed(place / "changelog.gz", f"{said} -- {MAINTAINER}  {format_datetime(moment())}\n")
    for one in place.iterdir():
        one.chmod(0o644)


def _packed(path: Path, text: str) -> None:
    # Without a name and a time in it: two builds make the same bytes.
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as packed:
        packed.write(text.encode())


def _copyright() -> str:
    """Whose what is, and under which licence: ours whole, and that of each library that comes along by name."""
    text = (DEBIAN / "copyright").read_text(encoding="utf-8")
    libraries = subprocess.run([python(), "-c", LISTING], capture_output=True, text=True, check=True).stdout
    return text.replace("@LICENCE@", (ROOT / "LICENSE").read_text(encoding="utf-8").strip()).replace(
        "@LIBRARIES@", libraries.strip()
    )


def _said(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
