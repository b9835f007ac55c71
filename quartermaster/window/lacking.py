"""Whether a window can be opened here, and which package is missing when not."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

SYSTEM_FOLDERS = (
    "/usr/lib/python3/dist-packages",
    "/usr/lib64/python{}.{}/site-packages",
    "/usr/lib/python{}.{}/site-packages",
)
"""Where distributions keep the Python packages of their own, by Python version."""
DEBIAN = "sudo apt install python3-gi gir1.2-webkit2-4.1"
OTHERWISE = "elsewhere, or with another Python than the system's, by `pip install 'pywebview[qt]'`"
PACKAGED = "sudo apt install gir1.2-webkit2-4.1"
ELSEWHERE = (
    "elsewhere WebKitGTK 4.1 with what makes it known to GObject: webkit2gtk4.1 on Fedora, webkit2gtk-4.1 on Arch"
)
"""A package of ours brings all Python that it needs, but no webview: that stays the system's, which mends it."""


def lacking() -> str | None:
    """What is missing for a window, as the rest of a sentence; None when one can be opened."""
    on_linux = sys.platform.startswith("linux")
    if not has_display():
        return "there is no display here, so open the address below in a browser."
    if importlib.util.find_spec("webview") is None:
        return "the package pywebview is missing; install it by `pip install 'quartermaster[window]'`."
    if on_linux and toolkit() is None:
        debian, otherwise = (PACKAGED, ELSEWHERE) if getattr(sys, "frozen", False) else (DEBIAN, OTHERWISE)
        return f"the system's webview is missing; on Debian and Ubuntu install it by `{debian}`, {otherwise}."
    if on_linux and toolkit() == "gtk" and not _display_answers():
        return "the display does not answer."
    return None


def has_display() -> bool:
    """Whether a browser could be seen."""
    on_linux = sys.platform.startswith("linux")
    return not on_linux or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def toolkit() -> str | None:
    """What draws the window: None is the system's only one, or none at all on Linux."""
    if not sys.platform.startswith("linux"):
        return None
    if _has_gtk():
        return "gtk"
    return "qt" if any(_has(f"{name}.QtWebEngineWidgets") for name in ("PySide6", "PyQt6")) else None


def _has_gtk() -> bool:
    _borrow_from_the_system("gi")
    try:
        import gi

        gi.require_version("Gtk", "3.0")
        try:
            gi.require_version("WebKit2", "4.1")
        except ValueError:
            gi.require_version("WebKit2", "4.0")
    except (ImportError, ValueError):
        return False
    return True


def _display_answers() -> bool:
    from gi.repository import Gtk

    answers: bool = Gtk.init_check()[0]
    return answers


def _has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _borrow_from_the_system(name: str) -> None:
    """Make a package of the distribution importable where it was made for this very Python.

    PyGObject comes with the system's libraries and is not to be had as a wheel; a virtual environment, such as pipx
    makes, does not see it. Only this one package is taken: the environment stays what it is.
    """
    if name in sys.modules or _has(name):
        return
    major, minor = sys.version_info[:2]
    for folder in SYSTEM_FOLDERS:
        package = Path(folder.format(major, minor)) / name
        if any(package.glob(f"_{name}.cpython-{major}{minor}-*.so")):
            spec = importlib.util.spec_from_file_location(
                name, package / "__init__.py", submodule_search_locations=[str(package)]
            )
            assert spec
            assert spec.loader
            sys.modules[name] = module = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(module)
            except ImportError:
                del sys.modules[name]
            return
