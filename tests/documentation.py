"""Reading the documentation: its pages, their tables and their examples."""

from __future__ import annotations

import re
from pathlib import Path

from tests.running import CHECKOUT

DOCS = CHECKOUT / "docs"
OPERATIONS = DOCS / "operations.md"
PAGES = (CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def rows(page: Path, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, as they are written."""
    section = re.split(rf"^#+ {heading}$", text_of(page), flags=re.MULTILINE)[1].split("\n#")[0]
    table = re.search(r"(?:^\|.*\n)+", f"{section}\n", re.MULTILINE)
    assert table, heading
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in table[0].splitlines()[2:]]


def plain_rows(page: Path, heading: str) -> list[list[str]]:
    """The same, without the marks of code."""
    return [[cell.replace("`", "") for cell in row] for row in rows(page, heading)]


def blocks(text: str, language: str) -> list[str]:
    """The examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def without_code(page: Path) -> str:
    return re.sub(r"^```.*?^```$|`[^`\n]*`", "", text_of(page), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors that headings get on the usual forges: lower case, hyphens for spaces, no other signs."""
    text = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
