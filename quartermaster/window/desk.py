"""What a page may ask of the window around it. Every public name here can be called by pages; all arguments are text
that a page sent.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from platformdirs import user_downloads_path

from quartermaster.window.guard import COOKIE, own_page

if TYPE_CHECKING:
    from quartermaster.window.frame import Frame

OUTSIDE = ("http", "https", "mailto")
CHUNK = 1 << 16


@dataclass(slots=True)
class Source:
    """Where downloads are fetched: the server part's port, and the badge to show there."""

    port: int = 0
    badge: str = ""


class Desk:
    """Titles, downloads, links to the world, zoom, the end and the new beginning."""

    def __init__(self, frame: Frame, source: Source, start_again: Callable[[], None]) -> None:
        self._frame, self._source, self._start_again = frame, source, start_again

    def titled(self, title: str) -> None:
        self._frame.title(str(title)[:200])

    def visited(self, page: str) -> None:
        self._frame.visited(own_page(str(page)))

    def zoom(self, step: int) -> None:
        self._frame.zoom(int(step))

    def close(self) -> None:
        self._frame.ask_to_close()

    def start_again(self) -> None:
        self._start_again()

    def open_outside(self, address: str) -> None:
        """In the person's browser, or what else they use for it."""
        if urlsplit(str(address)).scheme in OUTSIDE and not webbrowser.open(str(address)):
            self._frame.tell("No browser was found", f"The link leads to {address}")

    def save(self, name: str, page: str) -> None:
        """Save what is at this address of the program in a file that the person names."""
        target = self._target(str(name))
        if target is not None:
            self._written(target, lambda file: self._fetch(own_page(str(page)), file))

    def save_bytes(self, name: str, encoded: str) -> None:
        """The same for what the page itself has made, in Base64."""
        try:
            content = base64.b64decode(str(encoded), validate=True)
        except binascii.Error:
            return
        target = self._target(str(name))
        if target is not None:
            self._written(target, lambda path: path.write_bytes(content))

    def _target(self, name: str) -> Path | None:
        while True:
            target = self._frame.ask_where_to_save(_downloads(), Path(name).name or "quartermaster")
            if target is None or not target.exists():
                return target
            question, sentence = "Replace the file?", f"{target} is there already. Its content would be lost."
            if self._frame.ask(question, sentence, "Replace"):
                return target

    def _written(self, target: Path, write: Callable[[Path], object]) -> None:
        """Beside it first: a download that breaks off leaves neither half a file nor none where one was."""
        partial = target.with_name(f".{target.name}.part")
        try:
            write(partial)
            partial.replace(target)
        except (OSError, http.client.HTTPException) as error:
            partial.unlink(missing_ok=True)
            self._frame.tell("It was not saved", f"{target} is as it was: {_why(error)}.")

    def _fetch(self, page: str, path: Path) -> None:
        server = http.client.HTTPConnection("127.0.0.1", self._source.port, timeout=60)
        try:
            server.request("GET", page, headers={"Cookie": f"{COOKIE}={self._source.badge}"})
            answer = server.getresponse()
            if answer.status != 200:
                raise http.client.HTTPException(f"the program answered {answer.status}")
            with path.open("wb") as file:
                while chunk := answer.read(CHUNK):
                    file.write(chunk)
            if answer.length:  # the library says nothing when an answer ends too early
                raise http.client.HTTPException("the program broke off")
        finally:
            server.close()


def _downloads() -> Path:
    folder = user_downloads_path()
    return folder if folder.is_dir() else Path.home()


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
