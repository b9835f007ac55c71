"""Where a device remembers its server: the address in a file of the config folder, the password in the keyring.

Where the system has no keyring, the password is in that file too, which only this user can read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from quartermaster.sync.line import Server

SERVICE, LEFT = "quartermaster", "still_in_keyring"


def config_of(database: Path) -> Path:
    """The file for one data file: two households of one person have two servers."""
    which = hashlib.sha256(str(database.resolve()).encode()).hexdigest()[:12]
    return user_config_path("quartermaster", appauthor=False) / f"sync-{which}.json"


def kept(path: Path) -> Server | None:
    """The server that was connected; None where there is none, or where the file cannot be read.

    While its password is in a keyring that does not give it, the server has none, and can ask for it again.
    """
    said = _said(path)
    if _delete_leftovers(said) and "url" not in said:
        path.unlink(missing_ok=True)
    try:
        server = Server(
            url=str(said["url"]),
            user=str(said["user"]),
            password=str(said.get("password", "")),
            ca_file=Path(said["ca_file"]) if said.get("ca_file") else None,
        )
    except (KeyError, TypeError):
        return None
    if not said.get("in_keyring"):
        return server
    password, ask = _keyring_get(_name(server)), partial(_keyring_get, _name(server))
    return replace(server, unlock=ask) if password is None else replace(server, password=password)


def keep(path: Path, server: Server) -> None:
    """Remember the server. A password that is in a locked keyring stays there.

    Raises OSError where the folder cannot be written.
    """
    before = _said(path)
    said: dict[str, Any] = {"url": server.url, "user": server.user, LEFT: [*_left(before), *_in_keyring(before)]}
    said[LEFT] = [name for name in said[LEFT] if name != _name(server) and not _keyring_delete(name)]
    if server.ca_file is not None:
        said["ca_file"] = str(server.ca_file)
    if server.password:
        said |= {"in_keyring": True} if _keyring_set(server) else {"password": server.password}
    elif server.unlock is not None:
        said["in_keyring"] = True
    _write(path, said)


def forget(path: Path) -> None:
    """Forget the server and its password. One that a keyring does not give back now goes when it opens again."""
    said = _said(path)
    left = [name for name in (*_left(said), *_in_keyring(said)) if not _keyring_delete(name)]
    if left:
        _write(path, {LEFT: left})
    else:
        path.unlink(missing_ok=True)


def _said(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _left(said: Mapping[str, Any]) -> list[str]:
    left = said.get(LEFT, [])
    return [str(name) for name in left] if isinstance(left, list) else []


def _in_keyring(said: Mapping[str, Any]) -> list[str]:
    return [f"{said['user']}@{said['url']}"] if said.get("in_keyring") and {"user", "url"} <= said.keys() else []


def _delete_leftovers(said: Mapping[str, Any]) -> bool:
    """Whether there were passwords of former servers, and all of them are gone now."""
    left = _left(said)
    return bool(left) and not [name for name in left if not _keyring_delete(name)]


def _write(path: Path, said: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        # Its mode is right before anything is in it.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(said, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


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


def _keyring_get(name: str) -> str | None:
    ring = _keyring()
    try:
        found = ring.get_password(SERVICE, name) if ring is not None else None
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


def _keyring_delete(name: str) -> bool:
    """Whether the password is gone."""
    ring = _keyring()
    if ring is None:
        return False
    try:
        if ring.get_password(SERVICE, name) is not None:
            ring.delete_password(SERVICE, name)
        return ring.get_password(SERVICE, name) is None
    except Exception:  # noqa: BLE001  # the same here; it is tried again
        return False
