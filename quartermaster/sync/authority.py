"""The certificate of a private authority: pasted on the page, or copied from a file that is named there."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from pathlib import Path

from quartermaster.domain.errors import Refused

FIELD = "authority"
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_CERTIFICATE = re.compile(f"{_BEGIN}.+?{_END}", re.DOTALL)


def authority_file(typed: str, folder: Path) -> Path | None:
    """The file in the folder that holds what was typed: a certificate in PEM, or the path of a file that holds one.

    It is kept there, so that it does not go with a file that is moved or deleted. None where nothing was typed.
    Refused where that is no certificate.
    """
    said = typed.strip()
    if not said:
        return None
    if _BEGIN in said:
        return _kept(_checked(said), folder)
    path = Path(said).expanduser()
    try:
        held = path.read_text(encoding="ascii")
    except (OSError, ValueError):
        raise Refused(
            f"Paste the certificate, which begins with {_BEGIN}, or type the path of a file that holds it.", field=FIELD
        ) from None
    return _kept(_checked(held), folder)


def _checked(pem: str) -> str:
    """The certificates in it, without what may be beside them: a private key is not copied about."""
    found = _CERTIFICATE.findall(pem)
    try:
        ssl.create_default_context(cadata="\n".join(found) or pem)
    except (ssl.SSLError, ValueError):
        raise Refused(
            "That certificate cannot be read. Paste all of it, with its first and last line.", field=FIELD
        ) from None
    return "\n".join([*(found or [pem.strip()]), ""])


def _kept(pem: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"authority-{hashlib.sha256(pem.encode()).hexdigest()[:12]}.pem"
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    partial.write_text(pem, encoding="ascii")
    partial.replace(path)
    return path
