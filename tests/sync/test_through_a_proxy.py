"""A reverse proxy in front: passwords, certificates, and a limit of ten requests a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quartermaster.sync.errors import NeedsPassword, Unreachable
from quartermaster.sync.line import Server
from quartermaster.sync.room import sync_once
from tests.living import entry, plan_entry, plan_seen, posted, started
from tests.running import Program, command
from tests.sync.proxying import AUTHORITY, PASSWORD, USER, Proxy
from tests.sync.replicas import Replica, assert_same
from tests.sync.serving import Serving


async def test_a_long_first_sync_does_not_trip_a_rate_limit(
    serving: Serving, devices: Callable[[int], list[Replica]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for side in ("conversation", "host"):
        monkeypatch.setattr(f"quartermaster.sync.{side}.PAGE_BYTES", 1_000)
    laptop, fresh = devices(2)
    plan_entry(laptop.store)
    started(laptop.store)
    groceries = entry(laptop.store, "Groceries").id
    for amount in range(1, 160):
        posted(laptop.store, groceries, amount)
    with Proxy(serving.url) as proxy:
        outcome = await sync_once(laptop.store, Server(url=proxy.url, user=USER, password=PASSWORD))
    assert outcome.sent == 163
    assert len(proxy.statuses) > 45
    assert set(proxy.statuses) == {200}
    with Proxy(serving.url) as proxy:
        outcome = await sync_once(fresh.store, Server(url=proxy.url, user=USER, password=PASSWORD))
    assert outcome.received == 163
    assert len(proxy.statuses) > 45
    assert set(proxy.statuses) == {200}
    assert_same([serving.replica, laptop, fresh])


async def test_a_limit_that_others_used_up_is_waited_for(serving: Serving, laptop: Replica) -> None:
    plan_entry(laptop.store)
    with Proxy(serving.url) as proxy:
        proxy.use_up()
        await sync_once(laptop.store, Server(url=proxy.url, user=USER, password=PASSWORD))
    assert proxy.statuses[0] == 429
    assert_same([serving.replica, laptop])


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_a_wrong_password_is_asked_for(serving: Serving, laptop: Replica, password: str) -> None:
    with Proxy(serving.url) as proxy, pytest.raises(NeedsPassword):
        await sync_once(laptop.store, Server(url=proxy.url, user=USER, password=password))


async def test_a_private_authority_is_trusted_when_it_is_named(serving: Serving, laptop: Replica) -> None:
    plan_entry(laptop.store)
    with Proxy(serving.url, tls=True) as proxy:
        named = Server(url=proxy.url, user=USER, password=PASSWORD, ca_file=AUTHORITY)
        await sync_once(laptop.store, named)
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            await sync_once(laptop.store, Server(url=proxy.url, user=USER, password=PASSWORD))
        with pytest.raises(Unreachable, match="https"):
            await sync_once(laptop.store, Server(url=serving.url.replace("http:", "https:")))
    assert_same([serving.replica, laptop])


def test_programs_stay_in_step_through_it(tmp_path: Path) -> None:
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    with Program(tmp_path) as server, Proxy(server.url, tls=True) as proxy:
        env = {
            "QUARTERMASTER_SYNC_URL": proxy.url,
            "QUARTERMASTER_SYNC_USER": USER,
            "QUARTERMASTER_SYNC_PASSWORD_FILE": str(password),
            "QUARTERMASTER_SYNC_CA_FILE": str(AUTHORITY),
        }
        assert command(laptop, "sync", env=env).returncode == 0
        with Program(laptop, env=env) as program:
            theirs, mine = server.store(), program.store()
            plan_entry(theirs, "Told by the events")
            program.until(lambda: not plan_seen(mine).is_empty)
            theirs.close()
            mine.close()
