"""How the pages are put into the program."""

from __future__ import annotations

from fastapi import FastAPI
from nicegui import ui

from quartermaster.ui import theme

REMEMBERED_S = 400 * 24 * 3600
"""For so long a browser that is not used stays known; browsers keep no cookie for longer."""


def mount(web: FastAPI, *, secret: str, is_encrypted: bool) -> None:
    """Let the pages answer. `is_encrypted`: browsers reach them by https, so that their cookie goes no other way."""
    ui.run_with(
        web,
        tailwind=False,
        reconnect_timeout=30,
        binding_refresh_interval=None,
        language="en-US",
        storage_secret=secret,
        session_middleware_kwargs={"https_only": is_encrypted, "same_site": "lax", "max_age": REMEMBERED_S},
        show_welcome_message=False,
        favicon=theme.FAVICON,
    )
