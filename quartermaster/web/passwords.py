"""The htpasswd file: who has which password, as bcrypt or argon2 hashes."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import suppress
from pathlib import Path

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1\d)\$[./A-Za-z0-9]{53}")
_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[+/A-Za-z0-9]+\$[+/A-Za-z0-9]+")
BCRYPT_READS = 72
"""bcrypt looks at so many bytes of a password, everywhere; the library wants that to be said."""
COST = 10
"""What htpasswd and Traefik take for good: about 60 ms."""
_log = logging.getLogger("quartermaster.web")


class Passwords:
    """One htpasswd file, read again when it changes. Raises ValueError, a sentence, where it cannot be used at first.

    May be asked in any thread.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reading = threading.Lock()
        self._seen = _stamp(path)
        self._hashes = read(path)
        self._edition = 1

    def edition(self) -> int:
        """Which edition of the file counts now; a file that cannot be used makes none. Looks at the disk."""
        with self._reading:
            seen = _stamp(self._path)
            if seen != self._seen:
                self._seen = seen
                try:
                    self._hashes = read(self._path)
                    self._edition += 1
                except ValueError as error:
                    _log.error("%s Until then the passwords that were read before go on.", error)
            return self._edition

    def is_right(self, name: str, password: str) -> bool:
        """Whether this is the person's password. Takes as long as the hash wants, also for names that are not there."""
        hashes = self._hashes
        known = hashes.get(name)
        right = _matches(known or next(iter(hashes.values())), password.encode())
        return right and known is not None


def read(path: Path) -> dict[str, str]:
    """The hash of each name. Raises ValueError, a sentence to act on."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ValueError(f"{path} cannot be read ({why}). Name an htpasswd file that is there and readable.") from None
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, kept = line.strip().partition(":")
        if not name or not (_BCRYPT.fullmatch(kept) or _ARGON2.fullmatch(kept)):
            raise ValueError(
                f"{path}, line {number}, is no name with a bcrypt or argon2 hash. "
                "Make the line with `quartermaster passwd NAME` or `htpasswd -nB NAME`."
            )
        hashes.setdefault(name, kept)
    if not hashes:
        raise ValueError(f"{path} names nobody, so nobody could come in. Add a line by `quartermaster passwd NAME`.")
    return hashes


def line(name: str, password: str) -> str:
    """What an htpasswd file says about a person, for this program, Traefik, nginx and Apache alike.

    Raises ValueError, a sentence, for what cannot be asked for in a browser.
    """
    if not name or ":" in name or not name.isprintable():
        raise ValueError("A name has at least one letter, no colon and no line break.")
    if not password or len(password.encode()) > BCRYPT_READS:
        raise ValueError(f"A password has between 1 and {BCRYPT_READS} bytes.")
    return f"{name}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()}"


def _matches(kept: str, password: bytes) -> bool:
    if _BCRYPT.fullmatch(kept):
        return bcrypt.checkpw(password[:BCRYPT_READS], kept.encode())
    with suppress(VerificationError, InvalidHashError):
        return PasswordHasher().verify(kept, password)
    return False


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
