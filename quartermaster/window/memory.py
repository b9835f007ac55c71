"""What the window remembers from one time to the next: its size and place, its zoom, and the page that was open."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from quartermaster.window.guard import own_page

if TYPE_CHECKING:
    from pathlib import Path

SMALLEST = (360, 480)
DEFAULT = (1280, 860)
LARGEST = 20_000
ZOOMS = (0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Measures in the units of the screen; `x` and `y` are None until the window was placed once."""

    width: int = DEFAULT[0]
    height: int = DEFAULT[1]
    x: int | None = None
    y: int | None = None
    maximized: bool = False
    zoom: float = 1.0
    page: str = "/"


def recalled(path: Path) -> Memory:
    """What was kept; the defaults for whatever is missing or makes no sense."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Memory()
    if not isinstance(kept, dict):
        return Memory()
    width, height = (_within(kept.get(name), least) for name, least in zip(("width", "height"), SMALLEST, strict=True))
    x, y = (_within(kept.get(name), -LARGEST) for name in ("x", "y"))
    page = kept.get("page")
    return Memory(
        width=width or DEFAULT[0],
        height=height or DEFAULT[1],
        x=x,
        y=y,
        maximized=kept.get("maximized") is True,
        zoom=zoom if (zoom := kept.get("zoom")) in ZOOMS else 1.0,
        page=own_page(page) if isinstance(page, str) else "/",
    )


def keep(memory: Memory, path: Path) -> None:
    """Keep it for the next time. Not worth an error: the window then opens as it did the last time."""
    fresh = path.with_suffix(".new")
    try:
        fresh.write_text(json.dumps(asdict(memory)), encoding="utf-8")
        os.replace(fresh, path)  # noqa: PTH105  # one step on every system
    except OSError:
        return


def zoomed(now: float, step: int) -> float:
    """One step in or out; 0 is back to the real size."""
    if not step:
        return 1.0
    nearest = min(range(len(ZOOMS)), key=lambda index: abs(ZOOMS[index] - now))
    return ZOOMS[max(0, min(len(ZOOMS) - 1, nearest + (1 if step > 0 else -1)))]


def _within(number: object, least: int) -> int | None:
    return number if isinstance(number, int) and not isinstance(number, bool) and least <= number <= LARGEST else None
