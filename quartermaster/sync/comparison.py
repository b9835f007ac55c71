"""Where this file and a server differ: which devices' changes, and, where both know the same, which records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from quartermaster.storage.devices import devices
from quartermaster.storage.digest import Digest
from quartermaster.storage.exchange import NOTHING, Standing, head_at, standing
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.store import Store
from quartermaster.sync.errors import OtherHousehold
from quartermaster.sync.line import Line, Server
from quartermaster.sync.protocol import Message, packed, read, written

SHOWN = 20


async def compare(store: Store, server: Server) -> list[str]:
    """What is not the same, in sentences; nothing where all is. Changes nothing on either side. Raises SyncFailure."""
    line = Line(server)
    try:
        return await _Comparison(store, line).findings()
    finally:
        await line.close()


class _Comparison:
    def __init__(self, store: Store, line: Line) -> None:
        self._store, self._line, self._digest = store, line, Digest()

    async def findings(self) -> list[str]:
        with self._store.read() as work:
            at = standing(work.connection)
        told = await self._ask(at, probe={device: [counter] for device, (counter, _) in at.vector.items()})
        if told.household != at.household:
            raise OtherHousehold("The server keeps another household, or none yet. There is nothing to compare.")
        found = list(self._changes(at, told))
        if found:
            return [*found, "rows: they can be compared once both know the same. Sync, then ask again"]
        if told.schema != at.schema:
            return [f"rows: the server's schema is {told.schema} and this one's is {at.schema}; they are not compared"]
        return await self._rows(at)

    async def _ask(self, at: Standing, **asked: Any) -> Message:
        message = Message(
            household=at.household,
            device=at.device,
            schema=at.schema,
            is_empty=at.is_empty,
            vector=at.vector,
            **asked,
        )
        return read(await self._line.post(packed(written(message))))

    def _changes(self, at: Standing, told: Message) -> Iterator[str]:
        with self._store.read() as work:
            names = {device.id: device.name for device in devices(work.connection)}
            for device in sorted(at.vector.keys() | told.vector.keys(), key=str):
                (here, head), (there, their_head) = at.vector.get(device, NOTHING), told.vector.get(device, NOTHING)
                called = f"device {device}" + (f" ({names[device]})" if names.get(device) else "")
                same = told.heads.get(device, {}).get(here) == head if here <= there else None
                if there < here:
                    same = head_at(work.connection, device, there) == their_head
                if not same and here and there:
                    yield f"changes: {called} said one thing here and another there; an exchange keeps both"
                elif here != there:
                    yield f"changes: {called} has said {here:,} here and {there:,} there"

    async def _rows(self, at: Standing) -> list[str]:
        """Where the sums of a kind's rows differ, look which of the 256 parts do, and then which rows."""
        found: list[str] = []
        theirs = (await self._ask(at, sums=dict.fromkeys(KINDS, ""))).sums
        for kind in KINDS:
            for tail in self._differing(kind, "", theirs.get(kind, {})):
                rows = (await self._ask(at, sums={kind: tail})).sums.get(kind, {})
                found += [
                    f"rows: {kind} {UUID(record)} is not the same" for record in self._differing(kind, tail, rows)
                ]
                if len(found) > SHOWN:
                    return [*found[:SHOWN], "rows: and more differ"]
        return found

    def _differing(self, kind: str, tail: str, theirs: Mapping[str, str]) -> list[str]:
        with self._store.read() as work:
            mine = self._digest.sums(work.connection, kind, tail)
        return sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
