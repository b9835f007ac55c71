"""Where a device remembers its server and its password."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from quartermaster.sync.client import Client
from quartermaster.sync.errors import NeedsPassword, Unusable
from quartermaster.sync.keeping import config_of, forget, keep, kept
from quartermaster.sync.line import Line, Server
from quartermaster.sync.status import State
from quartermaster.sync.use import in_a_thread
from tests.running import Program
from tests.sync.proxying import AUTHORITY
from tests.sync.replicas import Replica
from tests.sync.serving import Serving, answering

SERVER = Server(url="https://budget.example", user="sam", password="not told", ca_file=Path("/etc/ca.pem"))


class InMemory(keyring.backend.KeyringBackend):
    """A system keyring."""

    priority = 1

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise keyring.errors.KeyringLocked
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture(params=["a keyring", "no keyring"])
def ring(request: pytest.FixtureRequest) -> Iterator[InMemory | None]:
    before = keyring.get_keyring()
    ring = InMemory() if request.param == "a keyring" else None
    keyring.set_keyring(ring or keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]  # theirs
    yield ring
    keyring.set_keyring(before)


def test_a_server_is_found_again_with_its_password(ring: InMemory | None, tmp_path: Path) -> None:
    path = tmp_path / "config" / "sync.json"
    keep(path, SERVER)
    assert kept(path) == SERVER


def test_the_password_is_in_the_keyring_or_else_where_only_this_user_reads(
    ring: InMemory | None, tmp_path: Path
) -> None:
    path = tmp_path / "config" / "sync.json"
    keep(path, SERVER)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    in_file = SERVER.password in path.read_text()
    in_ring = ring is not None and SERVER.password in ring.held.values()
    assert (in_ring, in_file) == ((True, False) if ring else (False, True))


def test_a_server_that_is_forgotten_leaves_nothing(ring: InMemory | None, tmp_path: Path) -> None:
    path = tmp_path / "sync.json"
    keep(path, SERVER)
    forget(path)
    assert kept(path) is None
    assert not path.exists()
    assert ring is None or ring.held == {}
    forget(path)


@pytest.mark.parametrize("said", ["", "[]", "{}", '{"url": 1}', json.dumps({"url": "https://x", "in_keyring": True})])
def test_a_file_that_cannot_be_read_is_no_server(ring: InMemory | None, tmp_path: Path, said: str) -> None:
    path = tmp_path / "sync.json"
    path.write_text(said)
    assert kept(path) is None


def test_each_data_file_has_a_server_of_its_own(tmp_path: Path) -> None:
    assert config_of(tmp_path / "one.db") != config_of(tmp_path / "other.db")
    assert config_of(tmp_path / "one.db") == config_of(tmp_path / "sub" / ".." / "one.db")


@pytest.fixture
def locked() -> Iterator[InMemory]:
    """A keyring that can be locked."""
    before, ring = keyring.get_keyring(), InMemory()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


async def test_a_locked_keyring_is_said_and_no_empty_password_is_tried(
    locked: InMemory, tmp_path: Path, laptop: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quartermaster.sync.line.ASK_AGAIN_S", 0.0)
    seen: list[str] = []
    with answering(401, {}, b"", seen) as url:
        keep(tmp_path / "sync.json", Server(url=url, user="anna", password="secret"))
        locked.is_locked = True
        server = kept(tmp_path / "sync.json")
        assert server is not None
        async with staying(laptop, server) as client:
            with pytest.raises(NeedsPassword, match="locked"):
                await client.exchange()
            assert client.status.state is State.NEEDS_PASSWORD
            assert seen == []
            locked.is_locked = False
            with pytest.raises(NeedsPassword, match="does not know"):
                await client.exchange()
            assert seen == ["Basic YW5uYTpzZWNyZXQ="]


def test_a_server_that_is_kept_again_while_its_keyring_is_locked_has_its_password_afterwards(
    locked: InMemory, tmp_path: Path
) -> None:
    path = tmp_path / "sync.json"
    keep(path, SERVER)
    locked.is_locked = True
    server = kept(path)
    assert server is not None
    keep(path, replace(server, ca_file=None))
    locked.is_locked = False
    assert kept(path) == replace(SERVER, ca_file=None)


def test_what_a_locked_keyring_keeps_of_a_forgotten_server_goes_when_it_opens(locked: InMemory, tmp_path: Path) -> None:
    path = tmp_path / "sync.json"
    keep(path, SERVER)
    locked.is_locked = True
    forget(path)
    assert kept(path) is None
    locked.is_locked = False
    assert locked.held
    assert kept(path) is None
    assert locked.held == {}
    assert not path.exists()


def test_the_password_of_a_former_server_goes_from_the_keyring(locked: InMemory, tmp_path: Path) -> None:
    path = tmp_path / "sync.json"
    keep(path, SERVER)
    keep(path, replace(SERVER, user="kim", password="another"))
    assert list(locked.held.values()) == ["another"]


@pytest.mark.parametrize("damage", ["gone", "empty", "no certificate"])
async def test_an_authority_that_cannot_be_read_is_said_when_it_is_needed_and_may_come_back(
    serving: Serving, laptop: Replica, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "authority.pem"
    if damage != "gone":
        path.write_text("" if damage == "empty" else "nothing of that kind", encoding="ascii")
    async with staying(laptop, replace(serving.server, ca_file=path)) as client:
        with pytest.raises(Unusable, match=r"authority\.pem"):
            await client.exchange()
        assert "Put that file back" in client.status.sentence
        path.write_bytes(AUTHORITY.read_bytes())
        await client.exchange()
        assert client.status.state is State.IN_STEP


def test_a_program_starts_without_the_authority_of_its_server(tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", env["XDG_CONFIG_HOME"])
        keep(config_of(tmp_path / "quartermaster.db"), Server(url="https://127.0.0.1:1", ca_file=tmp_path / "gone.pem"))
    with Program(tmp_path, env=env) as program:
        program.wait_for("sync_failed", code="unusable")
        assert program.get("/")[0] == 200


@asynccontextmanager
async def staying(laptop: Replica, server: Server) -> AsyncIterator[Client]:
    line = Line(server)
    try:
        yield Client(laptop.store, line, in_a_thread)
    finally:
        await line.close()
