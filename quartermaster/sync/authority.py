"""The certificate of a private authority: pasted on the page, or a file that is there already."""

from __future__ import annotations

import hashlib
import os
import ssl
from pathlib import Path

from quartermaster.domain.errors import Refused

FIELD = "authority"
_BEGIN = "-----BEGIN CERTIFICATE-----"


def authority_file(typed: str, folder: Path) -> Path | None:
    """The file that holds what was typed: a certificate in PEM, kept in the folder, or the path of one.

    None where nothing was typed. Refused where that is no certificate.
    """
    said = typed.strip()
    if not said:
        return None
    if _BEGIN in said:
        _check(said)
        return _kept(said + "\n", folder)
    path = Path(said).expanduser()
    try:
        held = path.read_text(encoding="ascii")
    except (OSError, ValueError):
        raise Refused(
            f"Paste the certificate, which begins with {_BEGIN}, or type the path of a file that holds it.", field=FIELD
        ) from None
    _check(held)
    return path.absolute()


def _check(pem: str) -> None:
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise Refused(
            "That certificate cannot be read. Paste all of it, with its first and last line.", field=FIELD
        ) from None


def _kept(pem: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"authority-{hashlib.sha256(pem.encode()).hexdigest()[:12]}.pem"
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    partial.write_text(pem, encoding="ascii")
    partial.replace(path)
    return path
