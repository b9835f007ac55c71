"""The program's drawings, as SVG in the page: no icon font is fetched."""

from __future__ import annotations

from quartermaster.ui.parts.tags import Tag, el

STROKES = {
    "plan": '<path d="M2.5 2.5h11v11h-11zM2.5 6.5h11M6.5 6.5v7"/>',
    "month": '<path d="M2.5 3.5h11v10h-11zM2.5 6.8h11M5.5 1.8v3M10.5 1.8v3M5.5 9.2h5M5.5 11.3h3"/>',
    "history": '<path d="M2.6 5.2A6 6 0 1 1 2 8M2.4 2.2v3.2h3.2M8 4.8V8l2.3 1.6"/>',
    "ledger": '<path d="M3.5 2h9v12h-9zM6 5h4M6 8h4M6 11h4"/>',
    "archive": '<path d="M2 3h12v3H2zM3 6v7h10V6M6.3 8.8h3.4"/>',
    "settings": (
        '<circle cx="8" cy="8" r="2.2"/><path d="M8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2'
        'M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4"/>'
    ),
    "find": '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
    "plus": '<path d="M8 2.5v11M2.5 8h11"/>',
    "down": '<path d="m3.5 6 4.5 4.5L12.5 6"/>',
    "right": '<path d="m6 3.5 4.5 4.5L6 12.5"/>',
    "left": '<path d="M10 3.5 5.5 8l4.5 4.5"/>',
    "up": '<path d="M3.5 10 8 5.5l4.5 4.5"/>',
    "close": '<path d="m3.5 3.5 9 9M12.5 3.5l-9 9"/>',
    "note": '<path d="M3 13v-2.5L10.5 3 13 5.5 5.5 13zM9 4.5 11.5 7"/>',
    "delete": '<path d="M3 4.5h10M6 4.5V3h4v1.5M4.2 4.5l.6 9h6.4l.6-9M6.7 7v4M9.3 7v4"/>',
    "grip": '<path d="M6 3.5h.01M10 3.5h.01M6 8h.01M10 8h.01M6 12.5h.01M10 12.5h.01" stroke-width="2.2"/>',
    "target": '<circle cx="8" cy="8" r="5.7"/><circle cx="8" cy="8" r="2.3"/>',
    "lock": '<path d="M3.5 7h9v6.5h-9zM5.3 7V5a2.7 2.7 0 0 1 5.4 0v2"/>',
    "undo": '<path d="M5.5 3 2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6.5"/>',
    "check": '<path d="m3 8.5 3.2 3.2L13 5"/>',
    "save": '<path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"/>',
    "move": '<path d="M8 2v12M5.5 4.5 8 2l2.5 2.5M5.5 11.5 8 14l2.5-2.5"/>',
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
            '<path class="shield" d="M13 1 23.5 5v8.2c0 5.6-4.3 9.7-10.5 11.8C6.8 22.9 2.5 18.8 2.5 13.2V5Z"/>'
            '<path class="lines" d="M7.5 9.2h11M7.5 13h11M7.5 16.8h6.5"/>'
        ),
    )
