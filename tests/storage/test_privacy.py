"""The household's file and all copies of it are their owner's alone, whatever files are on this system otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from quartermaster.storage.backup import back_up
from quartermaster.storage.migrate import prepare
from quartermaster.storage.restore import restore
from quartermaster.storage.store import Store

NEW_DEVICE = UUID(int=0xBEEF)
OTHERS = 0o077


@pytest.fixture(autouse=True)
def _generous() -> Iterator[None]:
    """A system on which new files are everybody's."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What others may read or write in the folder, and the folder itself."""
    return [str(path) for path in (folder, *folder.rglob("*")) if path.stat().st_mode & OTHERS]


def test_a_new_household_is_its_owners_alone(tmp_path: Path) -> None:
    prepare(tmp_path / "data" / "quartermaster.db", tmp_path / "data" / "backups")
    assert open_to_others(tmp_path / "data") == []


def test_a_copy_is_private_in_a_folder_that_is_everybody_s_too(store: Store, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    made = back_up(store.path, tmp_path / "shared", "manual")
    assert made.path.stat().st_mode & OTHERS == 0


def test_a_file_that_a_restore_makes_is_private(store: Store, tmp_path: Path) -> None:
    made = back_up(store.path, tmp_path / "kept", "manual")
    restore(made.path, tmp_path / "data" / "quartermaster.db", tmp_path / "data" / "backups", NEW_DEVICE)
    assert open_to_others(tmp_path / "data") == []


def test_a_damaged_file_that_is_put_aside_is_private(store: Store, tmp_path: Path) -> None:
    made = back_up(store.path, tmp_path / "kept", "manual")
    store.close()
    (tmp_path / "shared").mkdir()
    store.path.write_bytes(store.path.read_bytes()[:5000] + b"\xff" * 40_000)
    aside = restore(made.path, store.path, tmp_path / "shared", NEW_DEVICE)
    assert aside is not None
    assert aside.reason == "damaged"
    assert aside.path.stat().st_mode & OTHERS == 0
