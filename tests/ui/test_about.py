"""What the settings say about the program itself, and the licences of what it is made with."""

from __future__ import annotations

import platform

from nicegui.testing import User

from quartermaster.about import libraries, licence_text, program_version
from quartermaster.storage.migrate import head
from quartermaster.ui.pages.licences import FONTS
from quartermaster.ui.parts.tags import Tag


async def test_the_settings_say_which_program_this_is_and_lead_to_the_licences(user: User) -> None:
    await user.open("/settings")
    for told in (program_version(), head(), platform.python_version()):
        await user.should_see(told)
    assert "/settings/licences" in hrefs(user)


async def test_every_library_and_font_is_listed_with_its_licence(user: User) -> None:
    await user.open("/settings/licences")
    names = {one.name for one in libraries()}
    assert names >= {"nicegui", "SQLAlchemy", "uvicorn", "httptools", "pywebview"}
    assert {f"/settings/licences/{of}" for of in (*names, *FONTS, "quartermaster")} <= hrefs(user)


async def test_a_licence_is_shown_whole(user: User) -> None:
    for of in (*FONTS, "quartermaster", "SQLAlchemy"):
        await user.open(f"/settings/licences/{of}")
        [text] = [tag.text for tag in user.find(kind=Tag).elements if tag.tag == "pre"]
        assert "permission" in text.lower(), of


async def test_a_licence_that_is_not_ours_answers_404(user: User) -> None:
    # pytest is installed here too, but nothing that people use needs it.
    for name in ("none", "pytest", "..%2Fmonth.css"):
        assert (await user.http_client.get(f"/settings/licences/{name}")).status_code == 404


def test_no_library_is_without_a_licence() -> None:
    assert [one.name for one in libraries() if not one.licence or not licence_text(one.name)] == []


def hrefs(user: User) -> set[str]:
    return {str(tag._props["href"]) for tag in user.find(kind=Tag).elements if tag.tag == "a"}
