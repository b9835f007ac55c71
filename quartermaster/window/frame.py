"""The window itself: drawn by pywebview, placed where it was the last time, closed when nothing is lost by it."""

from __future__ import annotations

import http.client
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, ExceptHookArgs, Thread
from typing import Any, NoReturn

import webview

from quartermaster.window import native
from quartermaster.window.memory import SMALLEST, Memory, keep, recalled, zoomed
from quartermaster.window.screens import Screen, crashing, opening

HEALTH = "/healthz"
SCRIPT = Path(__file__).with_name("page.js")
PAPER = "#f6f4ee"
KEPT_WITHIN_S = 0.6
"""Longer than the pages take from a letter that is typed to the draft that the server keeps."""
ANSWER_WITHIN_S = 2.0
LOOK_EVERY_S = 0.05
OPENING_S = 20.0
CRASHES_S = 60.0
"""A page that crashes twice within that would do so again."""
UNSENT = (
    "(() => ({connected: window.socket?.connected === true, sent: typeof qmSent !== 'undefined' && qmSent.size > 0,"
    "typed: [...document.querySelectorAll('[data-kept]')].some("
    "(kept) => (kept.elements ? [...kept.elements] : [kept]).some((i) => (i.defaultValue ?? i.value) !== i.value))}))()"
)
"""Whether anything is in the fields, and whether an Enter was sent that nobody has dealt with: ui/drafts.py."""
_log = logging.getLogger("quartermaster.window")


class Frame:
    """One per process. `run` shows it and returns when it is closed. Without `remembered` it remembers nothing."""

    def __init__(self, remembered: Path | None, toolkit: str | None) -> None:
        self._remembered, self._toolkit = remembered, toolkit
        self.memory = recalled(remembered) if remembered else Memory()
        self._origin = self.titled = ""
        self._window: Any = None
        self._may_close = self._closing = False
        self._crashed_at = -CRASHES_S
        self._is_made = Event()

    def run(self, desk: Any, profile: Path | None, then: Callable[[], None]) -> None:
        """Show the splash and call `then` in a thread; returns when the window is closed. In the main thread only."""
        logging.getLogger("pywebview").setLevel(logging.WARNING)
        threading.excepthook = _passing_over_late_answers(threading.excepthook)
        webview.settings["ALLOW_FILE_URLS"] = False
        webview.settings["OPEN_EXTERNAL_LINKS_IN_BROWSER"] = False  # the page's script does, and knows which they are
        native.prepare(self._toolkit)
        splash = opening()
        self._window = webview.create_window(
            splash.title,
            html=splash.html,
            js_api=desk,
            min_size=SMALLEST,
            background_color=PAPER,
            text_select=True,
            zoomable=True,
            draggable=True,
            **_where(self.memory),
        )
        self._window.events.loaded += self._loaded
        self._window.events.shown += lambda: native.keep_to(self._window, self._is_own)
        self._window.events.shown += lambda: native.when_the_page_crashes(self._window, self._on_crash)
        self._window.events.closing += self._on_closing
        self._is_made.set()
        webview.start(
            then,
            gui="gtk" if self._toolkit == "gtk" else "qt" if self._toolkit == "qt" else None,
            private_mode=profile is None,
            storage_path=str(profile) if profile else None,
            icon=str(native.ICON),
        )

    @property
    def was_shown(self) -> bool:
        return self._window is not None and self._window.events.shown.is_set()

    @property
    def is_closing(self) -> bool:
        """Whether nothing keeps it open any more."""
        return self._may_close

    @property
    def has_page(self) -> bool:
        """Whether it shows a page of the program, and not a screen of its own."""
        return bool(self._origin)

    def go_to(self, origin: str, address: str) -> None:
        """Show the program's pages, which are at this origin from now on."""
        self._origin = origin
        self._window.load_url(address)

    def go_on(self, page: str) -> None:
        """Show another page of the program."""
        if self._origin:
            self._window.load_url(f"{self._origin}{page}")

    def show(self, screen: Screen) -> None:
        """Show a screen of the window's own instead of a page."""
        self._origin = ""
        self._window.load_html(screen.html, "")
        self.title(screen.title)

    def title(self, title: str) -> None:
        self.titled = title
        self._window.set_title(title)

    def visited(self, page: str) -> None:
        if self._origin:
            self.memory = replace(self.memory, page=page)

    def zoom(self, step: int) -> None:
        self.memory = replace(self.memory, zoom=zoomed(self.memory.zoom, step))
        native.zoom(self._window, self.memory.zoom)

    def to_front(self, token: str) -> None:
        """Above all others. Waits for the window, if it is still to come."""
        self._is_made.wait()
        self._window.events.shown.wait(OPENING_S)
        native.to_front(self._window, token)

    def ask(self, question: str, sentence: str, do: str) -> bool:
        """Whether the person wants that done."""
        return native.ask(self._window, question, sentence, do)

    def tell(self, title: str, sentence: str) -> None:
        native.ask(self._window, title, sentence, None)

    def ask_where_to_save(self, folder: Path, name: str) -> Path | None:
        chosen = self._window.create_file_dialog(webview.FileDialog.SAVE, directory=str(folder), save_filename=name)
        return Path(chosen if isinstance(chosen, str) else chosen[0]) if chosen else None

    def ask_to_close(self) -> None:
        """As the person's own click on the window's cross would."""
        Thread(target=self._close_when_kept, name="closing").start()

    def close_now(self) -> None:
        """Without a question. Waits for the window, if it is still to come."""
        self._is_made.wait()
        self._may_close = True
        self._window.destroy()

    def _is_own(self, address: str) -> bool:
        return address.startswith(("about:", "data:", "blob:")) or (
            bool(self._origin) and address.startswith(f"{self._origin}/")
        )

    def _loaded(self) -> None:
        address = self._window.get_current_url() or ""
        if self._origin and address.startswith(("http:", "https:")) and not self._is_own(address):
            # Only GTK decides before it goes there.
            self.go_on(self.memory.page)
            return
        if self._origin:
            self._window.run_js(SCRIPT.read_text(encoding="utf-8"))
        native.zoom(self._window, self.memory.zoom if self._origin else 1.0)

    def _on_crash(self) -> None:
        """In the window's thread. A page comes back with what was typed into it, unless it crashes again and again."""
        before, self._crashed_at = self._crashed_at, time.monotonic()
        if self._may_close or not self._origin:
            return
        _log.error("The process that draws the page has ended by itself.")
        if self._crashed_at - before > CRASHES_S:
            self.go_on(self.memory.page)
        else:
            self.show(crashing())

    def _on_closing(self) -> bool | None:
        """In the window's thread: False keeps it open, until what was typed is kept."""
        self._remember()
        if self._may_close or not self._origin:
            return None
        self.ask_to_close()
        return False

    def _close_when_kept(self) -> None:
        if self._closing:
            return
        self._closing = True
        unsent = self._unsent()
        if (unsent.get("typed") or unsent.get("sent")) and not self._is_kept():
            question = "Close without what you typed?"
            sentence = "The program cannot keep it at the moment: its server part does not answer. It would be lost."
            if not self.ask(question, sentence, "Close"):
                self._closing = False
                return
        self.close_now()

    def _is_kept(self) -> bool:
        """Whether the server has heard all that was typed. Waits for it, as long as an answer may take."""
        # The page tells the server a moment after the last letter. One that hangs counts as connected for long.
        time.sleep(KEPT_WITHIN_S)
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while _answers(self._origin, ANSWER_WITHIN_S):
            unsent = self._unsent()
            if not unsent.get("sent") or time.monotonic() >= deadline:
                return bool(unsent.get("connected")) and not unsent.get("sent")
            time.sleep(LOOK_EVERY_S)
        return False

    def _unsent(self) -> dict[str, Any]:
        """What the page says about text that is not sent; nothing when it does not answer."""
        said: list[Any] = []

        def ask() -> None:
            said.append(self._window.evaluate_js(UNSENT))

        asking = Thread(target=ask, name="asking the page", daemon=True)
        asking.start()
        asking.join(ANSWER_WITHIN_S)
        return said[0] if said and isinstance(said[0], dict) else {}

    def _remember(self) -> None:
        if self._remembered is None:
            return
        if (now := native.geometry(self._window)) is not None:
            x, y, width, height, maximized = now
            # The size that it had before is the one to come back to.
            self.memory = (
                replace(self.memory, maximized=True)
                if maximized
                else replace(self.memory, x=x, y=y, width=width, height=height, maximized=False)
            )
        keep(self.memory, self._remembered)


def leave(code: int) -> NoReturn:
    """End this process once its window is closed, and everything that must be finished is.

    Not by returning: threads of the library may wait for an answer of a page that is gone, and would hold the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as it is where the program has no terminal
            stream.flush()
    os._exit(code)


def _answers(origin: str, within_s: float) -> bool:
    """Whether the server there answers anything at all; without a badge it is its refusal."""
    asked = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=within_s)
    try:
        asked.request("GET", HEALTH)
        asked.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
    return True


def _passing_over_late_answers(tell: Callable[[ExceptHookArgs], Any]) -> Callable[[ExceptHookArgs], None]:
    """A page that was left no longer waits for what it asked the desk."""

    def hook(failure: ExceptHookArgs) -> None:
        if failure.exc_type is not webview.errors.JavascriptException:
            tell(failure)

    return hook


def _where(memory: Memory) -> dict[str, Any]:
    """Where to put the window: on a screen that is still there."""
    where = {"width": memory.width, "height": memory.height, "maximized": memory.maximized}
    x, y = memory.x, memory.y
    if x is not None and y is not None:
        for screen in webview.screens:
            if screen.x <= x + SMALLEST[0] // 2 < screen.x + screen.width and screen.y <= y < screen.y + screen.height:
                return {**where, "x": x - webview.screens[0].x, "y": y - webview.screens[0].y}
    return where
