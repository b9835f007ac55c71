"""What would keep somebody out: barriers that axe-core finds, and pages wider than the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SERIOUS = ("serious", "critical")


def barriers(page: Page) -> list[Any]:
    """Serious barriers with a piece of where they are, and whether the page scrolls sideways."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    violations: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {preload: false}).then((result) => result.violations)"
    )
    found: list[Any] = [(v["id"], v["nodes"][0]["html"][:120]) for v in violations if v["impact"] in SERIOUS]
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("scrolls sideways")
    return found
