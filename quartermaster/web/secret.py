"""What signs the browsers' cookies where no setting says it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def own_secret(folder: Path) -> str:
    """The secret beside the data: made once, readable by this user only, never in the database."""
    path = folder / "browsers.secret"
    # A disk that was full, or a kill, may have left it empty: nothing that is signed with that is.
    if path.is_file() and not path.stat().st_size:
        path.unlink()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    secret = secrets.token_urlsafe(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret)
    return secret
