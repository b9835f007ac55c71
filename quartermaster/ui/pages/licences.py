"""Licences: what the program, its letters and its libraries may be used under."""

from __future__ import annotations

from nicegui import run, ui

from quartermaster.about import NAME, Library, libraries, licence_text, program_version
from quartermaster.ui.building import BUILT_WITHIN_S
from quartermaster.ui.calls import Calls
from quartermaster.ui.pages.not_found import show_not_found
from quartermaster.ui.parts.tags import el
from quartermaster.ui.shell import shell
from quartermaster.ui.theme import STATIC

FONTS = {"inter": "Inter", "barlow-condensed": "Barlow Condensed"}
FONTS_LICENCE = "SIL Open Font License 1.1"


def register(calls: Calls) -> None:
    @ui.page("/settings/licences", response_timeout=BUILT_WITHIN_S)
    async def page() -> None:
        made_with = await run.io_bound(libraries)
        with shell(calls, title="Licences", active="settings") as frame:
            with frame.lead:
                el("a", "btn quiet", "‹ Settings", href="/settings").move(target_index=0)
            el(
                "p",
                "lede",
                "Quartermaster is free software: you may use it, change it and pass it on. It stands on the work of "
                "others, whose names and licences are here.",
            )
            _list("The program and its letters", [_ours(), *_fonts()])
            if made_with:
                _list("Libraries", [(one.name, one) for one in made_with])

    @ui.page("/settings/licences/{of}", response_timeout=BUILT_WITHIN_S)
    async def one(of: str) -> None:
        text = await run.io_bound(_text, of)
        if text is None:
            show_not_found(calls, "No licence of that name comes with this copy of Quartermaster.")
            return
        with shell(calls, title=FONTS.get(of, of), active="settings") as frame:
            with frame.lead:
                el("a", "btn quiet", "‹ Licences", href="/settings/licences").move(target_index=0)
            el("pre", "licence", text, tabindex="0", aria_label="The licence's text")


def _ours() -> tuple[str, Library]:
    return NAME, Library(name="Quartermaster", version=program_version(), licence="MIT")


def _fonts() -> list[tuple[str, Library]]:
    return [(of, Library(name=name, version="", licence=FONTS_LICENCE)) for of, name in FONTS.items()]


def _list(title: str, lines: list[tuple[str, Library]]) -> None:
    with el("section", "group licences", aria_label=title):
        with el("div", "ghead shead"):
            el("h2", text=title)
        with el("ul", "plainlist"):
            for of, library in lines:
                with el("li", "lcols"):
                    el("a", text=library.name, href=f"/settings/licences/{of}")
                    el("span", "dim", library.version)
                    el("span", "dim", library.licence)


def _text(of: str) -> str | None:
    if of in FONTS:
        return (STATIC / "fonts" / f"{of}-LICENSE").read_text(encoding="utf-8")
    return licence_text(of)
