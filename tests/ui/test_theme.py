"""The stylesheet: served by the program, cached for good, readable in light and dark."""

from __future__ import annotations

import re

import pytest
from nicegui.testing import User

from quartermaster.ui.theme import STATIC

AA = 4.5
INKS = ("ink", "ink-2", "ink-3", "accent", "ok", "warn", "bad", "brass")
GROUNDS = ("paper", "surface")
PAIRS = [
    *((ink, ground) for ink in INKS for ground in GROUNDS),
    ("ink-3", "sunk"), ("ink-2", "sunk"), ("accent", "accent-soft"), ("warn", "warn-soft"), ("bad", "bad-soft"),
    ("ok", "ok-soft"), ("on-accent", "accent"), ("ink-2", "accent-soft"),
]  # fmt: skip


def colours(dark: bool) -> dict[str, str]:
    sheets = [STATIC / "theme.css"] + ([STATIC / "inline" / "dark.css"] if dark else [])
    return {n: v for sheet in sheets for n, v in re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", sheet.read_text())}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_ink_is_readable_on_every_ground_that_it_stands_on(dark: bool) -> None:
    colour = colours(dark)
    for ink, ground in PAIRS:
        bright, dim = sorted((luminance(colour[ink]), luminance(colour[ground])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= AA, (ink, ground)


def test_the_dark_theme_overrides_every_colour_that_has_a_meaning() -> None:
    light = set(re.findall(r"--([\w-]+):#", (STATIC / "theme.css").read_text()))
    dark = set(re.findall(r"--([\w-]+):#", (STATIC / "inline" / "dark.css").read_text()))
    assert light == dark


async def test_the_one_stylesheet_and_its_fonts_are_cached_for_a_year(user: User) -> None:
    page = (await user.http_client.get("/settings")).text
    ours = set(re.findall(r'"(/static/[^"]+)', page))
    assert sum(address.endswith(".css") for address in ours) == 1
    for address in ours:
        answer = await user.http_client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_an_old_address_of_the_stylesheet_is_answered_but_not_kept(user: User) -> None:
    answer = await user.http_client.get("/static/0123/quartermaster.css")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_nothing_outside_the_program_is_fetched(user: User) -> None:
    sheet = (await user.http_client.get("/static/x/quartermaster.css")).text
    addresses = [a for a in re.findall(r"url\(\"?([^)\"]+)", sheet) if not a.startswith("data:image/svg+xml")]
    assert addresses
    assert all(address.startswith("fonts/") for address in addresses)
    for address in addresses:
        assert (await user.http_client.get(f"/static/x/{address}")).status_code == 200


async def test_no_path_leads_out_of_the_static_files(user: User) -> None:
    for path in ("/static/x/../theme.py", "/static/x/%2e%2e%2ftheme.py", "/static/x//etc/passwd"):
        assert (await user.http_client.get(path, follow_redirects=True)).status_code == 404, path
