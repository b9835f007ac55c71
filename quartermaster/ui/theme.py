"""The theme: one stylesheet under a name made from its content, its fonts, and the choice of light or dark."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from fastapi import Response
from nicegui import app

from quartermaster.ui.person import person

STATIC = Path(__file__).parent / "static"
SHEET = "quartermaster.css"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
FIRST_FONTS = ("inter-latin-wght-normal.woff2", "barlow-condensed-latin-600-normal.woff2")
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 26 26">'
    '<path d="M13 1 23.5 5v8.2c0 5.6-4.3 9.7-10.5 11.8C6.8 22.9 2.5 18.8 2.5 13.2V5Z" fill="#23446b"/>'
    '<path d="M7.5 9.2h11M7.5 13h11M7.5 16.8h6.5" stroke="#fffdf8" stroke-width="1.9"/></svg>'
)
"""For `run_with(favicon=…)`."""


class Theme(StrEnum):
    """What the person chose; the system's own choice until they do."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"

    @property
    def dark_when(self) -> str:
        """The media query under which the dark colours apply."""
        return {Theme.SYSTEM: "(prefers-color-scheme:dark)", Theme.LIGHT: "not all", Theme.DARK: "all"}[self]


def serve() -> None:
    """Answer the stylesheet and its fonts, to be cached for a year: a change of content changes the address."""
    files, version = _files(), _version()

    @app.get("/static/{of}/{name:path}", include_in_schema=False)
    def static(of: str, name: str) -> Response:
        if name not in files:
            return Response(status_code=404)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(files[name], media_type=media_type, headers=FOREVER if of == version else {})


def head() -> str:
    """What each page's head links: the sheet, the fonts of the first paint, and the dark colours when they apply."""
    at = f"/static/{_version()}"
    fonts = "".join(
        f'<link rel="preload" href="{at}/fonts/{name}" as="font" type="font/woff2" crossorigin>' for name in FIRST_FONTS
    )
    return f'{fonts}<link rel="stylesheet" href="{at}/{SHEET}"><style media="{chosen().dark_when}">{_dark()}</style>'


def chosen() -> Theme:
    """The theme of the person who looks."""
    said = person().get("theme", Theme.SYSTEM)
    return Theme(said) if said in set(Theme) else Theme.SYSTEM


def choose(theme: Theme) -> None:
    """Remember it; pages show it from their next load on."""
    person()["theme"] = theme.value


@cache
def _files() -> Mapping[str, bytes]:
    sheets = [path.read_bytes() for path in sorted(STATIC.glob("*.css"), key=lambda path: (path.stem != "theme", path))]
    fonts = {f"fonts/{path.name}": path.read_bytes() for path in sorted((STATIC / "fonts").glob("*"))}
    return {SHEET: b"\n".join(sheets), **fonts}


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for name, content in _files().items():
        digest.update(name.encode() + content)
    return digest.hexdigest()[:12]


@cache
def _dark() -> str:
    return (STATIC / "inline" / "dark.css").read_text(encoding="utf-8")
