"""One deed in the history: when, what in a sentence, who, and what can be done about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from quartermaster.services.history import Deed
from quartermaster.ui.history_words import Told
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.tags import button, el
from quartermaster.ui.when import local_time


def deed_line(deed: Deed, words: Told, *, who: str, only: str, take_back: Callable[[], Awaitable[None]] | None) -> None:
    """Draw the line. `who` is empty where it goes without saying, `only` the address of what else concerns the same."""
    with el("li", "row deed"):
        el("span", "dim when", local_time(deed.at_ms))
        with el("div", "what"):
            if words.lines:
                _folded(words)
            else:
                el("span", text=words.title)
        el("span", "faint who", who)
        with el("span", "acts"):
            if take_back is not None:
                with button("", "btn quiet", aria_label=f"Take back: {words.title}") as taken:
                    icon("undo", 14)
                    el("span", text="Take back")
                taken.on("click", take_back, args=[])
            if only:
                with el("a", "iconbtn", href=only, title="Everything about it", aria_label="Everything about it"):
                    icon("history")


def _folded(words: Told) -> None:
    with el("details"):
        with el("summary"):
            el("span", text=words.title)
            icon("right", 12)
        with el("ul", "steps"):
            for line in words.lines:
                el("li", text=line)
            if words.more:
                el("li", "faint", f"and {words.more:,} more")
