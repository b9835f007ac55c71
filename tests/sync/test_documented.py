"""docs/sync.md is enough to write another client from: here is one that shares no line with ours."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx

from quartermaster.storage.shapes import FIELDS
from quartermaster.sync import errors
from tests.documentation import DOCS, blocks, plain_rows, text_of
from tests.living import entry, line, plan_entry
from tests.running import WITHIN_S
from tests.sync.replicas import Replica, meet
from tests.sync.serving import Serving

PAGE = DOCS / "sync.md"
NO_HEAD = "0" * 64


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Client:
    """Written from the page: it keeps all changes in memory, and its rows as the fields that won."""

    def __init__(self, url: str) -> None:
        self.url, self.device, self.household = url, uuid4().hex, uuid4().hex
        self.empty = True
        self.chains: dict[str, list[tuple[str, list[Any]]]] = {}
        self.server: dict[str, Any] = {}

    def vector(self) -> dict[str, Any]:
        return {device: [len(chain), chain[-1][0]] for device, chain in self.chains.items()}

    def hear(self, device: str, change: list[Any]) -> str:
        chain = self.chains.setdefault(device, [])
        before = bytes.fromhex(chain[-1][0] if chain else NO_HEAD)
        stamp, action, kind, record, op, fields, seen = change
        said = canonical([device, len(chain) + 1, stamp, action, kind, record, op, fields, seen])
        chain.append((hashlib.sha256(before + said).hexdigest(), change))
        return chain[-1][0]

    def exchange(self) -> httpx.Response:
        message = {
            "protocol": 1, "schema": "0003", "household": self.household, "device": self.device, "empty": self.empty,
            "vector": {} if self.empty else self.vector(), "stretches": [] if self.empty else list(self.lacking()),
        }  # fmt: skip
        answer = httpx.post(f"{self.url}/api/sync/v1/exchange", json=message, timeout=WITHIN_S)
        if answer.status_code == 200:
            told = answer.json()
            if self.empty:
                self.household, self.empty, self.chains = told["household"], False, {}
            for stretch in told["stretches"]:
                assert stretch["after"][0] == len(self.chains.get(stretch["device"], []))
                for change in stretch["changes"]:
                    head = self.hear(stretch["device"], change)
                assert head == stretch["head"]
            self.server = told
        return answer

    def lacking(self) -> Any:
        for device, chain in self.chains.items():
            known, head = self.server["vector"].get(device, [0, NO_HEAD])
            if known < len(chain):
                changes = [change for _, change in chain[known:]]
                yield {"device": device, "after": [known, head], "head": chain[-1][0], "changes": changes}

    def digest(self) -> str:
        told = [(device, change) for device, chain in self.chains.items() for _, change in chain]
        told.sort(key=lambda one: (one[1][4] != "insert", one[1][0], one[0]))
        rows: dict[tuple[str, str], Any] = {}
        for device, (stamp, _, kind, record, op, fields, _) in told:
            if op == "insert":
                rows[kind, record] = [stamp, device, {**fields, "deleted": False}, {}]
            elif (kind, record) in rows:
                rows[kind, record][2].update(fields)
                rows[kind, record][3].update({name: [stamp, device] for name in fields})
        hashes = [hashlib.sha256(canonical([*key, *row])).digest()[:16] for key, row in rows.items()]
        return f"{sum(int.from_bytes(one, 'big') for one in hashes) % 2**128:032x}"


def test_a_client_written_from_the_page_joins_posts_and_comes_to_the_same_digest(
    serving: Serving, laptop: Replica
) -> None:
    meet(laptop, serving.replica)
    plan = plan_entry(laptop.store, "Café “Ærø”\u2028\\")
    meet(laptop, serving.replica)
    client = Client(serving.url)
    assert client.exchange().status_code == 200
    assert client.server["digest"] == client.digest()
    month = uuid5(UUID(client.household), "month/2026-05")
    copy = uuid5(month, f"entry/{plan.id}")
    stamp = max(change[0] for chain in client.chains.values() for _, change in chain)
    told: list[tuple[str, UUID, str, dict[str, Any], Any]] = [
        ("month", month, "insert", {
            "year_month": "2026-05", "lifecycle": ["planning", None, None], "debt_target": None
        }, None),
        ("month_entry", copy, "insert", {
            "month_id": month.hex, "section": "food", "name": "Café", "planned": 5, "notes": None, "position": 1,
            "origin_name": None, "origin_planned": None, "source": plan.id.hex,
        }, None),
        ("month_entry", copy, "edit", {"planned": 7}, {"planned": [stamp + 2, client.device]}),
        ("posting", uuid4(), "insert", {
            "entry_id": copy.hex, "day": "2026-05-17", "amount": -250, "payee": "Ærø\n", "description": None,
        }, None),
    ]  # fmt: skip
    for number, (kind, record, op, fields, seen) in enumerate(told, 1):
        client.hear(client.device, [stamp + number, number, kind, record.hex, op, fields, seen])
    assert client.exchange().status_code == 200
    assert client.server["vector"] == client.vector()
    assert client.server["digest"] == client.digest()
    meet(laptop, serving.replica)
    assert (entry(laptop.store, "Café").planned, line(laptop.store, "Café").applied) == (7, -250)


def test_the_page_names_every_kind_and_field() -> None:
    table = {kind: tuple(fields.split(", ")) for kind, fields in plain_rows(PAGE, "Kinds and fields")}
    assert table == {kind: tuple(fields) for kind, fields in FIELDS.items()}


def test_the_page_names_every_refusal_of_the_server() -> None:
    table = {code: int(status) for code, status, _ in plain_rows(PAGE, "Refusals")}
    kinds = (
        errors.Malformed,
        errors.TooLarge,
        errors.WrongProtocol,
        errors.Gap,
        errors.ForkedDevice,
        errors.OtherHousehold,
        errors.OtherCurrency,
    )
    assert table == {kind.code: kind.status for kind in kinds} | {
        "unsupported": 415,
        "slow": 408,
        "closed": 503,
        "storage": 503,
    }


def test_the_messages_of_the_page_are_json() -> None:
    assert [bool(json.loads(block)) for block in blocks(text_of(PAGE), "json")] == [True] * 3
