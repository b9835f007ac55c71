"""Where a packaged Quartermaster begins."""

from __future__ import annotations

import os
import sys
from multiprocessing import freeze_support
from pathlib import Path

LIBRARIES = "LD_LIBRARY_PATH"
TOLD = "_PYI_"
"""How PyInstaller's starter tells a program that it starts from itself that all is prepared, libraries too."""


def main() -> None:
    """Make the packaged program's surroundings what an installed one has, and begin."""
    freeze_support()
    _keep_the_libraries_for_this_process()
    _speak_to_nobody_where_nobody_listens()
    # Imported now: the server part of a window is started before anything else is looked at.
    from quartermaster.__main__ import main as begin

    begin()


def _keep_the_libraries_for_this_process() -> None:
    """The browser, and the processes of the system's webview, want those that they were made with."""
    before = os.environ.pop(f"{LIBRARIES}_ORIG", None)
    os.environ.pop(LIBRARIES, None)
    if before:
        os.environ[LIBRARIES] = before
    # The server part of a window is started from here: it has to find its libraries by itself again.
    for name in [name for name in os.environ if name.startswith(TOLD)]:
        del os.environ[name]


def _speak_to_nobody_where_nobody_listens() -> None:
    """On Windows a program without a terminal has no streams at all."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  # for as long as it runs


if __name__ == "__main__":
    main()
