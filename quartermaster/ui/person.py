"""What is remembered for one person's browser: kept on the server, found again after a reload or a restart."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from nicegui import app, context

_KEY = "person"


def person() -> MutableMapping[str, Any]:
    """The memory of the person whose page this is.

    NiceGUI finds it by the request, which a refresh that another page's commit started does not have: so the page
    holds on to it from its first drawing on.
    """
    held = context.client.storage
    if _KEY not in held:
        held[_KEY] = [app.storage.user]
    found: MutableMapping[str, Any] = held[_KEY][0]
    return found
