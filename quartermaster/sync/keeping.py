"""Where a device remembers its server: the address in a file of the config folder, the password in the keyring.

Where the system has no keyring, the password is in that file too, which only this user can read.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from quartermaster.sync.line import Server

SERVICE = "quartermaster"


def config_of(database: Path) -> Path:
    """The file for one data file: two households of one person have two servers."""
    which = hashlib.sha256(str(database.resolve()).encode()).hexdigest()[:12]
    return user_config_path("quartermaster", appauthor=False) / f"sync-{which}.json"


def kept(path: Path) -> Server | None:
    """The server that was connected; None where there is none, or where the file cannot be read."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        server = Server(
            url=str(said["url"]),
            user=str(said["user"]),
            password=str(said.get("password", "")),
            ca_file=Path(said["ca_file"]) if said.get("ca_file") else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if said.get("in_keyring"):
        password = _keyring_get(server)
        return None if password is None else _with(server, password)
    return server


def keep(path: Path, server: Server) -> None:
    """Remember the server. Raises OSError where the folder cannot be written."""
    said: dict[str, Any] = {"url": server.url, "user": server.user}
    if server.ca_file is not None:
        said["ca_file"] = str(server.ca_file)
    if server.password:
        said |= {"in_keyring": True} if _keyring_set(server) else {"password": server.password}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        # Its mode is right before anything is in it.
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(said, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def forget(path: Path) -> None:
    """Forget the server and its password."""
    server = kept(path)
    if server is not None:
        _keyring_delete(server)
    path.unlink(missing_ok=True)


def _with(server: Server, password: str) -> Server:
    return Server(url=server.url, user=server.user, password=password, ca_file=server.ca_file)


def _name(server: Server) -> str:
    return f"{server.user}@{server.url}"


def _keyring() -> Any | None:
    """The system's keyring, where the library is installed and a keyring is there."""
    try:
        import keyring
        import keyring.backends.fail
    except ImportError:
        return None
    chosen = keyring.get_keyring()
    return None if isinstance(chosen, keyring.backends.fail.Keyring) else chosen


def _keyring_get(server: Server) -> str | None:
    ring = _keyring()
    try:
        found = ring.get_password(SERVICE, _name(server)) if ring is not None else None
    except Exception:  # noqa: BLE001  # backends raise what they like: a locked keyring is one without our password
        return None
    return str(found) if found is not None else None


def _keyring_set(server: Server) -> bool:
    ring = _keyring()
    if ring is None:
        return False
    try:
        ring.set_password(SERVICE, _name(server), server.password)
        return bool(ring.get_password(SERVICE, _name(server)) == server.password)
    except Exception:  # noqa: BLE001  # the same here; the file is used instead
        return False


def _keyring_delete(server: Server) -> None:
    ring = _keyring()
    if ring is None:
        return
    try:
        ring.delete_password(SERVICE, _name(server))
    except Exception:  # noqa: BLE001  # it was not there, or cannot be reached: the file goes all the same
        return
