"""Whatever is sent: it is refused in a sentence, or it is what a device said. Never a failure, never another change."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from quartermaster.sync.errors import Rejected
from quartermaster.sync.protocol import EXCHANGE, packed
from tests.living import plan_entry
from tests.running import WITHIN_S
from tests.sync.forging import NASTY, changed_pair, said
from tests.sync.replicas import Replica, assert_same, meet
from tests.sync.serving import Serving

RAW = (
    b"", b"\x00", b"\xff", b"{", b"}", b"[", b'"', b"NaN", b"Infinity", b"1e5", b"-", b"\\u0000", b"\\ud800", b",",
    b"9" * 40,
)  # fmt: skip


@pytest.fixture
def pair(devices: Callable[[int], list[Replica]]) -> tuple[Replica, Replica]:
    return changed_pair(devices)


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The message with one or two values of it replaced, removed or doubled; or with bytes of it changed."""
    if chance.random() < 0.25:
        at, length = chance.randrange(len(body)), chance.choice([0, 1, 1, 2, 40, 100_000])
        return body[:at] + chance.choice(RAW) + body[at + length :]
    whole = json.loads(body)
    for _ in range(chance.choice([1, 1, 2])):
        holder, key = chance.choice(list(_places(whole)))
        match chance.choice(["put", "put", "put", "drop", "add", "double"]):
            case "put":
                holder[key] = copy.deepcopy(chance.choice(NASTY))
            case "drop":
                del holder[key]
            case "add" if isinstance(holder, dict):
                name = chance.choice(["x", "deleted", "name", "", "replace", "probe", "sums", "now"])
                holder[name] = copy.deepcopy(chance.choice(NASTY))
            case _ if isinstance(holder, list):
                holder.insert(key, holder[key])
    return json.dumps(whole, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Everywhere in a JSON value where something else could stand."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(inside):
        yield value, key
        yield from _places(one)


def test_a_mutated_message_is_refused_or_is_what_the_device_said(pair: tuple[Replica, Replica]) -> None:
    server, laptop = pair
    body, before = said(laptop, server), server.vector
    kept = server.path.with_name("kept.db")
    server.kept_as(kept)
    chance = random.Random(20_260_517)
    refused = 0
    for _ in range(8_200):
        try:
            server.host.answer(mutated(body, chance))
        except Rejected as no:
            refused += 1
            assert no.sentence.endswith(".")
        if server.vector != before:
            assert server.vector == laptop.vector
            old = Replica(kept, 50)
            old.copied_to(server)
            old.close()
    assert refused > 5_500
    meet(laptop, server)
    assert_same([server, laptop])


def test_mutated_messages_get_an_answer_and_change_nothing_over_http(
    serving: Serving, devices: Callable[[int], list[Replica]]
) -> None:
    [laptop] = devices(1)
    plan_entry(laptop.store)
    meet(laptop, serving.replica)
    plan_entry(laptop.store, "Not to be sent whole")
    # What is named as missing before these changes makes every one of them a gap, whatever else is in it.
    body = said(laptop, serving.replica).replace(b'"after":[2,', b'"after":[3,')
    before = serving.replica.vector, serving.replica.rows_digest
    chance = random.Random(7)
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    with httpx.Client(timeout=WITHIN_S) as http:
        for _ in range(1_500):
            raw = packed(mutated(body, chance))
            if chance.random() < 0.2:
                raw = mutated(raw, _OnlyBytes(chance.random()))
            answer = http.post(f"{serving.url}{EXCHANGE}", content=raw, headers=headers)
            assert answer.status_code in (200, 400, 409, 413)
            assert answer.json()["protocol"] == 1
    assert (serving.replica.vector, serving.replica.rows_digest) == before


class _OnlyBytes(random.Random):
    """Chance that takes the first way of `mutated`: what is packed is no JSON."""

    def random(self) -> float:
        return 0.0
