"""docs/restic.md, done on a machine in a folder: set up, backed up, and brought back from both misfortunes."""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from quartermaster.storage.backup import list_backups
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from tests.deploy.tools import tool
from tests.documentation import DOCS, text_of
from tests.living import plan_entry, plan_seen
from tests.reading_along import Machine, commands
from tests.running import CHECKOUT

SCRIPTS = [script for kind, script in commands(text_of(DOCS / "restic.md")) if kind == "sh"]
DOCKER = """\
#!/bin/sh
# The container is the program, on the folder that is mounted.
case "$1 $2" in
    "exec quartermaster") shift 3 ;;
    "compose run") shift 4 ;;
    *) exit 0 ;;
esac
exec env QUARTERMASTER_DB_URL=sqlite:///{database} {python} -m quartermaster "$@"
"""
SYSTEMCTL = """\
#!/bin/sh
[ "$1" = start ] || exit 0
set -a; . {root}/etc/quartermaster/restic.env
exec {root}/usr/local/bin/${{2%.service}}
"""


class Host:
    """A machine with a household in /mnt/quartermaster, a Docker that is the program, and a systemd that starts it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.data = self.root / "mnt" / "quartermaster"
        self.machine = Machine(self.root, {}, {})
        self.machine.at = CHECKOUT
        for part in ("etc/systemd/system", "usr/local/bin", "mnt/quartermaster", "srv"):
            (self.root / part).mkdir(parents=True)
        self.mounts(self.data)
        prepare(self.database, self.data / "backups")
        with closing(self.store()) as store:
            store.found("USD")

    @property
    def database(self) -> Path:
        return self.data / "quartermaster.db"

    def store(self) -> Store:
        return Store(self.database, now_ms=lambda: time.time_ns() // 1_000_000, new_id=uuid4)

    def mounts(self, data: Path) -> None:
        """From now on this folder is the container's /data."""
        self.data = data
        for name, does in (("docker", DOCKER), ("systemctl", SYSTEMCTL)):
            path, words = self.root / "bin" / name, {"database": self.database, "root": self.root}
            path.write_text(does.format(python=sys.executable, **words), encoding="utf-8")
            path.chmod(0o755)

    def do(self, script: str, places: dict[str, str]) -> str:
        """What a block of the page says, with the places of this machine; each is looked for once."""
        known = {"/etc/": f"{self.root}/etc/", "/usr/local/": f"{self.root}/usr/local/", **places}
        found = "|".join(re.escape(one) for one in sorted(known, key=len, reverse=True))
        meant = re.sub(found, lambda match: known[match[0]], script)
        if os.geteuid() != 0:
            meant = meant.replace("-o 1000 -g 1000 ", "").replace("chown", "true chown")
        said = self.machine.do(meant)
        assert said.returncode == 0, f"{meant}\n{said.stdout}"
        return said.stdout

    def names(self) -> set[str]:
        """The entries of the plan."""
        with closing(self.store()) as store:
            sections = [section for group in plan_seen(store).groups for section in group.sections]
        return {entry.name for section in sections for entry in section.entries}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Set up as the page says, with its settings filled in, and backed up once with Rent in the plan."""
    tool("restic")
    host = Host(tmp_path)
    with closing(host.store()) as store:
        plan_entry(store, "Rent")
    install, start = SCRIPTS[:2]
    host.do(install, {})
    settings = host.root / "etc" / "quartermaster" / "restic.env"
    assert settings.stat().st_mode & 0o077 == 0
    filled = {
        "RESTIC_REPOSITORY": str(tmp_path / "repository"),
        "RESTIC_PASSWORD_FILE": str(tmp_path / "password"),
        "QUARTERMASTER_DATA": str(host.data),
    }
    (tmp_path / "password").write_text("a long passphrase", encoding="utf-8")
    text = settings.read_text(encoding="utf-8")
    for name, value in filled.items():
        text = re.sub(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")
    host.machine.env |= filled
    host.do(start, {})
    return host


def test_what_went_wrong_is_brought_back_from_the_repository(host: Host) -> None:
    [copy] = [one.path.name for one in list_backups(host.data / "backups")]
    with closing(host.store()) as store:
        plan_entry(store, "A mistake")
    fetch, bring_back = SCRIPTS[2:4]
    places = {"/srv/restored/mnt/": f"{host.root}/srv/restored{host.root}/mnt/", "/srv/": f"{host.root}/srv/"}
    assert copy in host.do(fetch, places)
    (host.data / "backups" / copy).unlink()
    places |= {"/mnt/": f"{host.root}/mnt/", "/data/": f"{host.data}/", "FILE": copy}
    assert "All is well." in host.do(bring_back, places)
    assert host.names() == {"Rent"}
    assert {one.reason for one in list_backups(host.data / "backups")} == {"restic", "before-restore"}


def test_a_machine_that_is_gone_is_made_anew_from_the_repository(host: Host, tmp_path: Path) -> None:
    [copy] = [one.path.name for one in list_backups(host.data / "backups")]
    was, new = host.data, tmp_path / "new"
    was.rename(tmp_path / "gone")
    host.mounts(new / was.relative_to("/"))
    places = {"--target /": f"--target {new}", "/mnt/quartermaster": str(host.data), "/data/": f"{host.data}/"}
    assert "All is well." in host.do(SCRIPTS[4], {**places, "FILE": copy})
    assert host.names() == {"Rent"}


def test_each_block_of_the_page_is_done_here() -> None:
    assert len(SCRIPTS) == 5
