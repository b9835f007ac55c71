"""Opening the window: one per data file, with its server part behind it, until it is closed."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from quartermaster import log
from quartermaster.storage.failures import InUse
from quartermaster.window import screens
from quartermaster.window.desk import Desk, Source
from quartermaster.window.frame import Frame
from quartermaster.window.guard import entrance
from quartermaster.window.lacking import toolkit
from quartermaster.window.only_one import SERVED, Door, Held, first, folder_beside
from quartermaster.window.part import Ended, Ready, Refused, ServerPart
from quartermaster.window.serving import Orders

ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]
TOKENS = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")
DEMO = "Demo household"
"""What is in the title while the demo is open: quartermaster/ui/calls.py."""
_log = logging.getLogger("quartermaster.window")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the window keeps its own things, beside the data file, and where its log goes."""

    folder: Path
    log_file: Path
    log_level: str
    log_style: str

    @classmethod
    def beside(cls, database: Path, log_file: Path, log_level: str, log_style: str) -> Place:
        return cls(folder=folder_beside(database), log_file=log_file, log_level=log_level, log_style=log_style)


def open_window(place: Place, part: ServerPart | None, *, demo: bool) -> int:
    """Show the window until it is closed; the code to exit with. A second one only brings the first to the front.

    `part` is the server part, if it was started already. Raises InUse when the first does not answer.
    """
    part = part or ServerPart()
    try:
        # The folder of the data file, too, is made for this user alone.
        for folder in (place.folder.parent, place.folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = _first(place, demo=demo)
        if held is None:
            sys.stderr.write("Quartermaster is open already: its window is in front now.\n")
            return 0
        # What happens to the window is in the log as well, which is the server part's to turn over.
        log.configure(place.log_level, place.log_style, place.log_file, is_anothers=True)
        log.write_crashes(aloud=True)
        return _Opened(place, part, demo=demo).run()
    finally:
        part.end()


class NoWindow(Exception):
    """The toolkit could not open one; why."""


def tell(sentence: str) -> None:
    """A window that says why there is no other, for those who did not start the program from a terminal."""
    frame = Frame(None, toolkit())
    frame.run(Desk(frame, Source(), lambda: None), None, lambda: frame.show(screens.refused(sentence)))


class _Opened:
    """Follows the server part, and starts it again when the person wants that."""

    def __init__(self, place: Place, part: ServerPart, *, demo: bool) -> None:
        self._place, self._part, self._demo = place, part, demo
        self._port, self._code, self._is_over = 0, 0, False
        self._has_stopped, self._starting, self._asking = False, Lock(), Lock()
        self._frame = Frame(place.folder / "memory.json", toolkit())
        self._source = Source()
        self._desk = Desk(self._frame, self._source, self._start_again)

    def run(self) -> int:
        before = {number: signal.signal(number, self._end) for number in ENDING}
        try:
            self._show()
        finally:
            self._part.end()
            for number, handler in before.items():
                signal.signal(number, handler)
        return self._code

    def _show(self) -> None:
        door = Door(self._place.folder, self._knocked)
        try:
            self._frame.run(self._desk, self._place.folder / "webview", self._follow)
        except Exception as error:
            if self._frame.was_shown:
                raise
            raise NoWindow(str(error)) from error
        finally:
            self._is_over = True
            door.close()

    def _end(self, *_: object) -> None:
        # In a thread: a signal may come before there is a window to close, which is waited for.
        Thread(target=self._frame.close_now, name="ending", daemon=True).start()

    def _follow(self) -> None:
        """In a thread: give the orders, and show what becomes of them."""
        try:
            self._hear_out(self._part)
        except Exception:  # noqa: BLE001  # whatever it is: "Opening…" must not stay for ever
            if self._is_over or self._frame.is_closing:
                return
            self._part.end()  # it may still serve
            self._has_gone("The window could not follow its server part.", exc_info=True)

    def _hear_out(self, part: ServerPart) -> None:
        key, badge = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        part.order(self._orders(key, badge))
        while True:
            match part.hear():
                case Ready(port):
                    self._port = port
                    origin = f"http://127.0.0.1:{port}"
                    self._source.port, self._source.badge = port, badge
                    self._frame.go_to(origin, entrance(origin, key, self._frame.memory.page))
                case Refused(sentence, code):
                    sys.stderr.write(f"quartermaster: {sentence}\n")
                    self._code = code
                    self._frame.show(screens.refused(sentence))
                    return
                case Ended(code):
                    if not self._is_over:
                        self._has_gone(f"The server part of the window has ended by itself, with the code {code}.")
                    return

    def _orders(self, key: str, badge: str) -> Orders:
        place = self._place
        return Orders(
            key=key,
            badge=badge,
            log=str(place.log_file),
            lock=str(place.folder / SERVED),
            # What a page keeps in the window belongs to its address, so that is used again after a crash.
            port=self._port,
            demo=self._demo,
        )

    def _has_gone(self, how: str, *, exc_info: bool = False) -> None:
        _log.error(how, exc_info=exc_info)
        self._code, self._has_stopped = 1, True
        self._frame.show(screens.gone(str(self._place.log_file)))

    def _start_again(self) -> None:
        with self._starting:
            if not self._has_stopped:
                return  # the button was pressed twice
            self._has_stopped, self._code = False, 0
        self._frame.show(screens.opening())
        self._part.end()
        self._part = ServerPart()
        Thread(target=self._follow, name="following the server part").start()

    def _knocked(self, message: Mapping[str, Any]) -> None:
        if self._frame.is_closing:
            raise ConnectionAbortedError  # who knocks may have its place in a moment
        self._frame.to_front(str(message.get("token", "")))
        if message.get("demo") is True:
            # In a thread: who knocks waits for an answer, and not for what the person decides.
            Thread(target=self._show_the_way_to_the_demo, name="the way to the demo", daemon=True).start()

    def _show_the_way_to_the_demo(self) -> None:
        with self._asking:  # one question after the other
            if self._frame.has_page and DEMO not in self._frame.titled:
                sentence = "This window shows your own household. The demo is opened in Settings; yours is not touched."
                if self._frame.ask("Open the demo household?", sentence, "Show Settings"):
                    self._frame.go_on("/settings")


def _first(place: Place, *, demo: bool) -> Held | None:
    """What makes this the first window; None when another one came to the front."""
    token = next((os.environ[name] for name in TOKENS if os.environ.get(name)), "")
    try:
        return first(place.folder, {"token": token, "demo": demo})
    except TimeoutError:
        raise InUse(
            "It is open already, but its window does not answer. Close it, or end its process, first."
        ) from None
