"""The browser that the system provides, wherever it is."""

from __future__ import annotations

import os
import shutil

import pytest

SHELL = "chromium-headless-shell"
"""The same engine without the windows around it: a page that is opened in it takes a third of the processor's time."""
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
"""The first four, and the shell, are those that scripts/test-parts.sh looks for."""
ARGS = ("--no-sandbox", "--disable-gpu")


def chromium() -> str:
    """Its path. Raises FileNotFoundError with what to do."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError("Chromium is not installed. On Debian or Ubuntu: apt-get install chromium")
    return found


def chromium_or_skip() -> str:
    """For a test, also the engine alone. Without either it is skipped, and with CI=true it fails."""
    try:
        return shutil.which(SHELL) or chromium()
    except FileNotFoundError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
