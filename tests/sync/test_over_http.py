"""The exchange over real sockets: what the routes accept, how they refuse, and what a client makes of it."""

from __future__ import annotations

import asyncio
import gzip
import json
from contextlib import suppress

import httpx
import pytest

from quartermaster.storage.exchange import Census
from quartermaster.sync.errors import (
    NeedsPassword,
    NotQuartermaster,
    OtherHousehold,
    Rejected,
    SyncFailure,
    Unreachable,
    WrongProtocol,
)
from quartermaster.sync.line import LONGEST, Line, Server, refusal
from quartermaster.sync.protocol import EVENTS, EXCHANGE, MOST_BYTES
from quartermaster.sync.room import sync_once
from tests.living import plan_entry, posted, started
from tests.running import WITHIN_S
from tests.sync.replicas import Replica, assert_same
from tests.sync.serving import Serving, answering

JSON = {"content-type": "application/json"}
COUNTS = {"plan_entries": 1, "months": 1, "postings": 1, "earliest_day": "2026-05-17", "latest_day": "2026-05-17"}
GZIP = {**JSON, "content-encoding": "gzip"}
ANSWERS: list[tuple[str, int, dict[str, str], bytes, type[SyncFailure]]] = [
    ("a proxy that asks for a password", 401, {"www-authenticate": "Basic"}, b"", NeedsPassword),
    ("a page to sign in at", 302, {"location": "/login"}, b"", NotQuartermaster),
    ("a page", 200, {"content-type": "text/html"}, b"<html>Sign in", NotQuartermaster),
    ("nothing there", 404, {}, b"nothing", NotQuartermaster),
    ("a host that is not allowed", 403, {}, b"not known here", Rejected),
    ("a proxy without its server", 503, {"retry-after": "7"}, b"", Unreachable),
    ("a rate limit", 429, {}, b"slow down", Unreachable),
    ("a newer protocol", 409, JSON, b'{"protocol":2,"error":"protocol","sentence":"?"}', WrongProtocol),
    ("no gzip", 200, GZIP, b"no gzip", Rejected),
    ("a bomb", 200, GZIP, gzip.compress(bytes(30 * MOST_BYTES)), Rejected),
    ("nested too deeply", 200, JSON, b"[" * 100_000, Rejected),
    ("an empty object", 200, JSON, b"{}", Rejected),
    ("a household without an id", 409, JSON, b'{"protocol":1,"error":"another_household"}', NotQuartermaster),
    ("a refusal that is nested too deeply", 409, JSON, b"[" * 100_000, NotQuartermaster),
]


async def test_a_laptop_and_a_server_get_in_step(serving: Serving, laptop: Replica) -> None:
    plan_entry(laptop.store)
    groceries = started(laptop.store).lines[0].entry.id
    posted(laptop.store, groceries)
    outcome = await sync_once(laptop.store, serving.server)
    assert (outcome.sent, outcome.received) == (5, 0)
    posted(serving.replica.store, groceries, 250)
    outcome = await sync_once(laptop.store, serving.server)
    assert (outcome.sent, outcome.received) == (0, 1)
    assert_same([serving.replica, laptop])


async def test_two_households_are_told_apart_with_what_the_server_holds(serving: Serving, laptop: Replica) -> None:
    plan_entry(laptop.store)
    plan_entry(serving.replica.store)
    with pytest.raises(OtherHousehold) as refused:
        await sync_once(laptop.store, serving.server)
    assert refused.value.details["here"] == Census(1, 0, 0, None, None)


async def test_nobody_there_is_unreachable(laptop: Replica) -> None:
    with pytest.raises(Unreachable, match="Nobody answers"):
        await sync_once(laptop.store, Server(url="http://127.0.0.1:1"))


async def test_an_open_demo_is_never_synced(serving: Serving, laptop: Replica) -> None:
    serving.is_demo = True
    with pytest.raises(Unreachable, match="demo"):
        await sync_once(laptop.store, serving.server)


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"), [answer for _, *answer in ANSWERS], ids=[name for name, *_ in ANSWERS]
)
async def test_what_else_may_answer_is_told_apart(
    laptop: Replica, status: int, headers: dict[str, str], body: bytes, expected: type[SyncFailure]
) -> None:
    plan_entry(laptop.store)
    before = laptop.vector
    with answering(status, headers, body) as url, pytest.raises(expected):
        await sync_once(laptop.store, Server(url=url))
    assert laptop.vector == before


@pytest.mark.parametrize("status", [400, 503])
@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Come back\nlater.", "Come backlater."),
        ("\x1b[2J\ud800\u202eDone.", "[2JDone."),
        ("x" * 900_000, "x" * LONGEST),
        ({"a": ["sentence"]}, None),
        (None, None),
        ("\ud800", None),
    ],
    ids=["lines", "what nobody shows", "a book", "no text", "nothing", "nothing to show"],
)
def test_what_a_server_says_to_people_can_be_shown_to_them(status: int, sentence: object, shown: str | None) -> None:
    body = json.dumps({"protocol": 1, "error": "of its own", "sentence": sentence}).encode()
    said = refusal(status, body, {}).sentence
    said.encode()
    assert said == shown or (shown is None and said.startswith("The server "))


NO_COUNTS: list[object] = [
    None, 5, [], {}, {"plan_entries": 1, "months": 1},
    *({**COUNTS, "postings": no} for no in (-1, True, "1", 1.5, 2**70)),
    *({**COUNTS, "latest_day": no} for no in ("2026-02-30", "soon", 20_260_517, "\ud800", "2026-05-17T10:00")),
]  # fmt: skip


@pytest.mark.parametrize("here", NO_COUNTS)
def test_counts_that_are_none_are_not_taken_for_what_a_household_holds(here: object) -> None:
    said = {"protocol": 1, "error": "another_household", "sentence": "Another.", "household": "a" * 32, "here": here}
    refused = refusal(409, json.dumps(said).encode(), {})
    assert isinstance(refused, OtherHousehold)
    assert refused.details["here"] is None


async def test_an_answer_that_never_ends_is_not_waited_for(laptop: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quartermaster.sync.line.WHOLE_S", 0.5)

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
            while not reader.at_eof():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    async with await asyncio.start_server(drip, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match="in time"):
            async with asyncio.timeout(20):
                await sync_once(laptop.store, Server(url=f"http://127.0.0.1:{port}"))


async def test_the_password_goes_along(laptop: Replica) -> None:
    seen: list[str] = []
    with answering(401, {}, b"", seen) as url, pytest.raises(NeedsPassword):
        await sync_once(laptop.store, Server(url=url, user="anna", password="secret"))
    assert seen == ["Basic YW5uYTpzZWNyZXQ="]


@pytest.mark.parametrize(("exempt", "expected"), [("", NeedsPassword), ("budget.invalid", Unreachable)])
async def test_the_proxy_that_the_environment_names_is_used(
    laptop: Replica, monkeypatch: pytest.MonkeyPatch, exempt: str, expected: type[SyncFailure]
) -> None:
    seen: list[str] = []
    with answering(401, {}, b"", seen) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", exempt)
        with pytest.raises(expected):
            await sync_once(laptop.store, Server(url="http://budget.invalid", user="anna", password="secret"))
    assert bool(seen) == (expected is NeedsPassword)


BODIES = {
    "a form": ({"content-type": "text/plain"}, b"{}", 415, "unsupported"),
    "brotli": ({**JSON, "content-encoding": "br"}, b"{}", 415, "unsupported"),
    "nothing": (JSON, b"", 400, "malformed"),
    "no UTF-8": (JSON, b"\xff\xfe{", 400, "malformed"),
    "a newer protocol": (JSON, b'{"protocol":2}', 409, "protocol"),
    "nested too deeply": (JSON, b"[" * 900_000, 400, "malformed"),
    "a number of 900,000 digits": (JSON, b"9" * 900_000, 400, "malformed"),
    "too large": (JSON, b" " * (MOST_BYTES + 1), 413, "too_large"),
    "a bomb": (GZIP, gzip.compress(bytes(200 * MOST_BYTES)), 413, "too_large"),
    "cut short": (GZIP, gzip.compress(b"{}")[:-3], 400, "malformed"),
    "followed by more": (GZIP, gzip.compress(b"{}") + b"x", 400, "malformed"),
}


@pytest.mark.parametrize(("headers", "body", "status", "code"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_message_is_refused_in_a_sentence(
    serving: Serving, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    answer = httpx.post(f"{serving.url}{EXCHANGE}", content=body, headers=headers, timeout=WITHIN_S)
    assert answer.status_code == status
    assert answer.json()["error"] == code
    assert answer.json()["sentence"].endswith(".")


def test_the_routes_answer_only_to_their_methods(serving: Serving) -> None:
    assert httpx.get(f"{serving.url}{EXCHANGE}", timeout=WITHIN_S).status_code == 405
    assert httpx.post(f"{serving.url}{EVENTS}", timeout=WITHIN_S).status_code == 405


def test_the_events_tell_at_once_that_something_is_new(serving: Serving) -> None:
    with httpx.stream("GET", f"{serving.url}{EVENTS}", timeout=WITHIN_S) as events:
        lines = (line for line in events.iter_lines() if line.startswith("data:"))
        first = next(lines)
        plan_entry(serving.replica.store)
        assert next(lines) != first
    assert events.headers["content-type"].startswith("text/event-stream")
    assert first.removeprefix("data:").strip()


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (404, GZIP, gzip.compress(bytes(200 * MOST_BYTES))),
        (404, GZIP, b"no gzip"),
        (404, {}, b"x" * (2 * MOST_BYTES)),
        (200, {}, b"data:" + b"x" * (2 * MOST_BYTES)),
    ],
    ids=["a bomb", "no gzip", "an endless refusal", "an endless line"],
)
async def test_events_that_are_none_are_a_failure_and_not_held_in_memory(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    with answering(status, headers, body) as url, pytest.raises(SyncFailure):
        line = Line(Server(url=url))
        try:
            async for _ in line.events():
                raise AssertionError("nothing was told")
        finally:
            await line.close()
