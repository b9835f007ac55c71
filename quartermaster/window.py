"""The native window: the server lives in this process, the webview in a child that ends with it."""

from __future__ import annotations

import importlib.util
import logging
import os
import socket
import subprocess
import sys
import threading

import uvicorn

TITLE = "Quartermaster"
CLOSING_S = 5


def lacking() -> str | None:
    """What is missing for a window, as a sentence; None when one can be opened."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display here, so open the address below in a browser."
    if importlib.util.find_spec("webview") is None:
        return "the package pywebview is missing; install it by `pip install 'quartermaster[window]'`."
    return None


def run(server: uvicorn.Server, listening: socket.socket) -> int:
    """Serve while the window is open; either one's end ends the other. Where it never opens, serve a browser."""
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    # Not by fork or spawn: the child shows a page and must never touch the data.
    child = subprocess.Popen([sys.executable, "-m", "quartermaster.window", address])  # noqa: S603  # our own module
    threading.Thread(target=_end_with, args=(child, server, address), daemon=True).start()
    try:
        server.run(sockets=[listening])
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait(CLOSING_S)
    return 0


def _end_with(child: subprocess.Popen[bytes], server: uvicorn.Server, address: str) -> None:
    if child.wait() > 0:
        # It never opened, and has said why: there is nothing that pywebview can draw with, or no such display.
        sys.stderr.write(f"Quartermaster is at {address}\n")
        sys.stderr.flush()
    else:
        server.should_exit = True


def show(address: str) -> None:
    """In the child: the webview, until the person closes it."""
    import webview

    # It writes a traceback for each toolkit that is not installed; the last word is raised.
    logging.getLogger("pywebview").setLevel(logging.CRITICAL)
    webview.settings["ALLOW_DOWNLOADS"] = True
    webview.create_window(TITLE, address, width=1440, height=900, min_size=(360, 480))
    webview.start(private_mode=False)


if __name__ == "__main__":
    try:
        show(sys.argv[1])
    except Exception as error:  # noqa: BLE001  # whatever it is, the program goes on without a window
        sys.exit(f"No window: {error}")
