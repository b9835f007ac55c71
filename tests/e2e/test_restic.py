"""The nightly backup of a household in the container: restic takes what the program inside has made and checked."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from tests.deploy.test_restic import Repository, kept_in, run
from tests.e2e.conftest import Another
from tests.e2e.engine import Container
from tests.e2e.test_container import data, is_well
from tests.living import entry, plan_entry, posted, started
from tests.running import CHECKOUT, command

POSTINGS = 3
EXEC = """\
#!{python}
import sys
sys.path.insert(0, {checkout!r})
from tests.e2e.engine import Docker
code, said = Docker({host!r}).container({name!r}).run("quartermaster", "backup", *sys.argv[1:])
sys.stdout.write(said)
sys.exit(code)
"""
"""`docker exec NAME quartermaster backup`, also where there is a socket and no client."""


def test_restic_takes_what_the_program_in_the_container_made(another: Another, port: int, tmp_path: Path) -> None:
    one = another("nightly", port=port)
    one.start()
    one.until(lambda: is_well(port))
    synced = from_a_laptop(tmp_path / "laptop", port)
    (tmp_path / "password").write_text("a long passphrase", encoding="utf-8")
    repository = Repository(tmp_path / "repository", data("nightly"), tmp_path / "password")
    repository.restic("init")
    for _ in range(2):
        done = run(repository, BACKUP_COMMAND=str(in_the_container(one, tmp_path)))
        assert done.returncode == 0, done.stderr
        assert done.stderr.startswith("/data/backups/quartermaster-")
    assert kept_in(repository.restored("latest", tmp_path / "restored")) == synced
    assert len(list((data("nightly") / "backups").glob("*-restic*.db"))) == 1


def from_a_laptop(folder: Path, port: int) -> set[UUID]:
    """Postings that were made elsewhere and have arrived in the container."""
    folder.mkdir()
    prepare(folder / "quartermaster.db", folder / "backups")
    with closing(Store(folder / "quartermaster.db", now_ms=lambda: 1_777_600_000_000, new_id=uuid4)) as store:
        store.found("USD")
        plan_entry(store)
        started(store)
        made = {posted(store, entry(store, "Groceries").id).id for _ in range(POSTINGS)}
    said = command(folder, "sync", env={"QUARTERMASTER_SYNC_URL": f"http://127.0.0.1:{port}"})
    assert said.returncode == 0, said.stderr
    return made


def in_the_container(container: Container, folder: Path) -> Path:
    script = folder / "exec"
    words = {"python": sys.executable, "checkout": str(CHECKOUT), "host": os.environ["DOCKER_HOST"]}
    script.write_text(EXEC.format(name=container.name, **words), encoding="utf-8")
    script.chmod(0o755)
    return script
