"""`scripts/backup-db.sh` and the commands behind it, really run, on a real file."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from quartermaster.storage.backup import list_backups
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from tests.living import plan_entry
from tests.running import CHECKOUT, command

INSTALLED = Path(sys.executable).parent
"""Where the command `quartermaster` of these tests is."""
ONLY_THE_SYSTEM = "/usr/bin:/bin"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without an environment, at a path with a space."""
    script = tmp_path / "a checkout" / "scripts" / "backup-db.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(CHECKOUT / "scripts" / "backup-db.sh", script)
    return script.parents[1]


@pytest.fixture
def environment_of(checkout: Path) -> Path:
    """The checkout's own environment, with the command in it."""
    folder = checkout / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "quartermaster").symlink_to(INSTALLED / "quartermaster")
    return folder


@pytest.mark.usefixtures("environment_of")
def test_the_script_backs_up_with_the_checkouts_environment(store: Store, tmp_path: Path, checkout: Path) -> None:
    plan_entry(store)
    said = command(tmp_path, "Before", "the", "Move!", program=(_script(checkout),), env={"PATH": ONLY_THE_SYSTEM})
    [backup] = list_backups(tmp_path / "backups")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith(str(backup.path))
    assert backup.reason == "before-the-move"
    assert examine(backup.path).findings == ()


def test_the_script_backs_up_with_an_installed_program(store: Store, tmp_path: Path, checkout: Path) -> None:
    path = {"PATH": f"{INSTALLED}:{ONLY_THE_SYSTEM}"}
    said = command(tmp_path, program=(_script(checkout),), env=path)
    assert said.returncode == 0, said.stderr
    assert [backup.reason for backup in list_backups(tmp_path / "backups")] == ["manual"]


@pytest.mark.usefixtures("environment_of")
def test_the_script_finds_the_checkouts_settings_from_any_folder(store: Store, tmp_path: Path, checkout: Path) -> None:
    address = f"QUARTERMASTER_DB_URL=sqlite:///{store.path}\nQUARTERMASTER_BACKUP_DIR={tmp_path / 'elsewhere'}\n"
    (checkout / ".env").write_text(address, encoding="utf-8")
    said = command(tmp_path, program=(_script(checkout),), env={"QUARTERMASTER_DB_URL": None})
    assert said.returncode == 0, said.stderr
    assert len(list_backups(tmp_path / "elsewhere")) == 1


@pytest.mark.usefixtures("environment_of")
def test_beside_composes_own_settings_the_script_does_not_take_another_household(
    store: Store, tmp_path: Path, checkout: Path
) -> None:
    shutil.copy(CHECKOUT / ".env.example", checkout / ".env")
    own = tmp_path / "share" / "quartermaster" / "quartermaster.db"
    own.parent.mkdir(parents=True)
    shutil.copy(store.path, own)
    said = command(tmp_path, program=(_script(checkout),), env={"QUARTERMASTER_DB_URL": None})
    assert (said.returncode, said.stdout) == (2, "")
    [sentence] = said.stderr.splitlines()
    assert "docker exec quartermaster quartermaster backup" in sentence
    assert not (own.parent / "backups").exists()
    named = command(tmp_path, program=(_script(checkout),))
    assert (named.returncode, named.stderr) == (0, "")
    assert len(list_backups(tmp_path / "backups")) == 1


def test_the_script_says_what_is_missing(tmp_path: Path, checkout: Path) -> None:
    said = command(tmp_path, program=(_script(checkout),), env={"PATH": ONLY_THE_SYSTEM})
    assert said.returncode == 127
    assert "make setup" in said.stderr


@pytest.mark.usefixtures("environment_of")
def test_the_script_fails_where_there_is_nothing_to_back_up(tmp_path: Path, checkout: Path) -> None:
    said = command(tmp_path, program=(_script(checkout),))
    assert said.returncode == 1
    assert "nothing to back up" in said.stderr


def test_a_folder_that_cannot_be_used_is_named_in_a_sentence(store: Store, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file where the folder should be", encoding="utf-8")
    said = command(tmp_path, "backup")
    assert said.returncode == 1
    assert said.stderr.startswith(f"quartermaster: {tmp_path / 'backups'} cannot be used:")


def test_a_restore_where_nothing_was_backs_nothing_up(store: Store, tmp_path: Path) -> None:
    command(tmp_path, "backup", "keep")
    [backup] = list_backups(tmp_path / "backups")
    store.close()
    store.path.unlink()
    said = command(tmp_path, "restore", str(backup.path))
    assert said.stdout == f"Restored {backup.path}.\n"
    assert list_backups(tmp_path / "backups") == [backup]
    assert examine(store.path).findings == ()


def test_the_doctor_leaves_a_backup_as_it_was(store: Store, tmp_path: Path) -> None:
    command(tmp_path, "backup")
    [backup] = list_backups(tmp_path / "backups")
    before = backup.path.read_bytes()
    said = command(tmp_path, "doctor", env={"QUARTERMASTER_DB_URL": f"sqlite:///{backup.path}"})
    assert said.returncode == 0, said.stdout
    assert backup.path.read_bytes() == before
    assert [path.name for path in backup.path.parent.iterdir()] == [backup.path.name]


def _script(checkout: Path) -> str:
    return str(checkout / "scripts" / "backup-db.sh")
