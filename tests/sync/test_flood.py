"""Many who send much, and messages whose chains are right: the server stays small, and goes on for everyone else."""

from __future__ import annotations

import json
import random
import re
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx

from quartermaster.storage.change import EDIT, INSERT
from quartermaster.storage.doctor import examine
from quartermaster.storage.merge import DELETED
from quartermaster.storage.shapes import FIELDS
from quartermaster.sync.protocol import EXCHANGE
from quartermaster.sync.server import READ_AT_ONCE
from tests.living import plan_entry
from tests.running import WITHIN_S, free_port
from tests.sync.forging import NASTY, changed_pair, changes_of, message_of
from tests.sync.lean import start_server
from tests.sync.replicas import Replica, assert_same, meet
from tests.sync.serving import Serving

FORGED, SENDERS, LEAST_MB, MOST_MB = 300, 80, 8, 48
"""All that they send would be 80 MB. Where the server grew by less than the least, they did not reach it yet."""
STILL_S = 2.0
WHOLE = 1_000_000
JSON = {"content-type": "application/json"}


def test_forged_changes_over_http_are_refused_or_merged_and_others_go_on(
    devices: Callable[[int], list[Replica]],
) -> None:
    server, laptop = changed_pair(devices)
    meet(laptop, server)
    inserts = {change.kind: change for change in changes_of(laptop, server) if change.op == INSERT}
    chance, statuses = random.Random(20_260_517), set()
    with Serving(server) as serving, httpx.Client(timeout=WITHIN_S) as http:
        for number in range(FORGED):
            kind = chance.choice(sorted(inserts))
            fields = {chance.choice([*FIELDS[kind], DELETED]): chance.choice(NASTY)}
            told = replace(inserts[kind], op=EDIT, fields=fields, counter=1, action=1, seen=None)
            if chance.random() < 0.3:
                told = replace(told, op=INSERT, fields={**inserts[kind].fields, **fields})
            body = message_of(server, told, UUID(int=(0xF0 << 120) + number))
            answer = http.post(f"{serving.url}{EXCHANGE}", content=json.dumps(body), headers=JSON)
            statuses.add(answer.status_code)
            assert answer.json()["protocol"] == 1
    assert statuses == {200, 400}
    laptop.hint = None
    meet(laptop, server)
    plan_entry(laptop.store, "Still in step")
    plan_entry(server.store, "Here too")
    meet(laptop, server)
    assert laptop.vector == server.vector
    assert laptop.rows_digest == server.rows_digest
    # What was forged may hang in the air; all else is sound.
    assert [finding for finding in examine(server.path).findings if "is not here" not in finding] == []


def test_however_many_send_at_once_the_server_s_memory_is_bounded(devices: Callable[[int], list[Replica]]) -> None:
    server, laptop = devices(2)
    plan_entry(server.store)
    meet(laptop, server)
    port = free_port()
    process = start_server(server.path, port)
    senders: list[Sender] = []
    try:
        _answering(port)
        before = _peak_mb(process.pid)
        senders += [Sender(port) for _ in range(SENDERS)]
        grown = _flooded(senders, lambda: _peak_mb(process.pid) - before)
        assert sum(one.pushed for one in senders) > 2 * READ_AT_ONCE * WHOLE
        assert LEAST_MB < grown < MOST_MB
        for one in senders:
            one.close()
        plan_entry(laptop.store, "Still in step")
        answer = httpx.post(f"http://127.0.0.1:{port}{EXCHANGE}", content=b"{}", headers=JSON, timeout=WITHIN_S)
        assert answer.status_code == 400
    finally:
        for one in senders:
            one.close()
        process.kill()
        process.join()
    meet(laptop, server)
    assert_same([server, laptop])


def _flooded(senders: list[Sender], grown: Callable[[], float]) -> float:
    """Push until the server has taken in what it takes; by how much it has grown then."""
    peak, since, deadline = 0.0, time.monotonic(), time.monotonic() + 3 * WITHIN_S
    while peak < MOST_MB and (peak < LEAST_MB or time.monotonic() - since < STILL_S):
        assert time.monotonic() < deadline
        has_moved = sum(one.push() for one in senders) > 0
        if has_moved or grown() > peak:
            peak, since = grown(), time.monotonic()
        else:
            time.sleep(0.1)
    return peak


def _answering(port: int) -> None:
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


class Sender:
    """Has begun a message of a megabyte, and never ends it."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._left = WHOLE - 1
        head = (f"POST {EXCHANGE} HTTP/1.1", "host: x", "content-type: application/json", f"content-length: {WHOLE}")
        self._socket.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        self._socket.setblocking(False)

    @property
    def pushed(self) -> int:
        return WHOLE - 1 - self._left

    def push(self) -> int:
        """As much as goes through at the moment."""
        try:
            sent = self._socket.send(b" " * min(self._left, 100_000)) if self._left else 0
        except OSError:
            sent = 0  # The way is full, or the server has had enough.
        self._left -= sent
        return sent

    def close(self) -> None:
        self._socket.close()


def _peak_mb(pid: int | None) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
