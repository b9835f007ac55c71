"""The program's drawings, as SVG in the page: no icon font is fetched."""

from __future__ import annotations

from quartermaster.ui.parts.tags import Tag, el

STROKES = {
    "plan": '<path d="M2.5 2.5h11v11h-11zM2.500 6.500h11M6.500 6.500v7"/>',
    "month": '<path d="M2.500 3.500h11v10h-11zM2.500 6.800h11M5.500 1.800v3M10.500 1.800v3M5.500 9.200h5M5.500 11.300h3"/>',
    "archive": '<path d="M2 3h12v3H2zM3 6v7h10V6M6.300 8.800h3.400"/>',
    "settings": (
        '<circle cx="8" cy="8" r="2.200"/><path d="M8 1.800v2M8 12.200v2M1.800 8h2M12.200 8h2'
        'M3.600 3.600 5 5M11 11l1.400 1.400M12.400 3.600 11 5M5 11l-1.400 1.400"/>'
    ),
    "find": '<circle cx="7" cy="7" r="4.500"/><path d="m10.500 10.500 3.500 3.500"/>',
    "plus": '<path d="M8 2.500v11M2.500 8h11"/>',
    "down": '<path d="m3.500 6 4.500 4.500L12.500 6"/>',
    "right": '<path d="m6 3.500 4.500 4.500L6 12.500"/>',
    "left": '<path d="M10 3.500 5.500 8l4.500 4.500"/>',
    "up": '<path d="M3.500 10 8 5.500l4.500 4.500"/>',
    "close": '<path d="m3.500 3.500 9 9M12.500 3.500l-9 9"/>',
    "note": '<path d="M3 13v-2.500L10.500 3 13 5.500 5.500 13zM9 4.500 11.500 7"/>',
    "delete": '<path d="M3 4.500h10M6 4.500V3h4v1.500M4.200 4.500l.6 9h6.400l.6-9M6.700 7v4M9.300 7v4"/>',
    "grip": '<path d="M6 3.500h.01M10 3.500h.01M6 8h.01M10 8h.01M6 12.500h.01M10 12.500h.01" stroke-width="2.200"/>',
    "target": '<circle cx="8" cy="8" r="5.700"/><circle cx="8" cy="8" r="2.300"/>',
    "lock": '<path d="M3.500 7h9v6.500h-9zM5.300 7V5a2.700 2.700 0 0 1 5.400 0v2"/>',
    "undo": '<path d="M5.500 3 2.500 6l3 3M2.500 6H10a3.500 3.500 0 0 1 0 7H6.500"/>',
    "check": '<path d="m3 8.500 3.200 3.200L13 5"/>',
    "save": '<path d="M8 2v8M4.500 7 8 10.500 11.500 7M2.500 13.500h11"/>',
    "move": '<path d="M8 2v12M5.500 4.500 8 2l2.500 2.500M5.500 11.500 8 14l2.500-2.500"/>',
}


def icon(name: str, size: int = 16, classes: str = "") -> Tag:
    """A drawing in the colour of its text. Decoration: what it means is said beside it or in a label."""
    return el(
        "svg",
        f"icon {classes}".strip(),
        viewBox="0 0 16 16",
        width=size,
        height=size,
        aria_hidden="true",
        innerHTML=STROKES[name],
    )


def brand_mark(size: int = 26) -> Tag:
    """The shield with three lines of a ledger."""
    return el(
        "svg",
        "mark",
        viewBox="0 0 26 26",
        width=size,
        height=size,
        aria_hidden="true",
        innerHTML=(
            '<path class="shield" d="M13 1 23.500 5v8.200c0 5.600-4.300 9.700-10.500 11.800C6.800 22.900 2.500 18.800 2.500 13.200V5Z"/>'
            '<path class="lines" d="M7.500 9.200h11M7.500 13h11M7.500 16.800h6.500"/>'
        ),
    )
