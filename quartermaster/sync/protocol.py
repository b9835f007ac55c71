"""What travels: one message of each side, to JSON and back, packed and unpacked. docs/sync.md describes it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from uuid import UUID

from quartermaster.domain.lifecycle import EARLIEST_MS, LATEST_MS
from quartermaster.storage.change import compact
from quartermaster.storage.exchange import Heard, Point, Vector, Written, is_no_later
from quartermaster.storage.shapes import Misshapen, short_text, whole
from quartermaster.sync.errors import Malformed, TooLarge, WrongProtocol
from quartermaster.sync.reading import (
    OtherMoney,
    digest,
    flag,
    heads,
    members,
    probe,
    stretches,
    sums,
    uuid,
    vector,
)

PROTOCOL = 1
EXCHANGE, EVENTS = "/api/sync/v1/exchange", "/api/sync/v1/events"
MOST_BYTES = 1_000_000
"""Of one message, unpacked."""
PAGE_BYTES = 700_000
"""Of changes in one message: the rest is for a version vector of 2,000 devices."""
QUICKEST = 1
"""How hard zlib tries: the log packs well anyhow, and the time of a first sync goes into this."""
GZIP = 31
"""zlib's number for gzip's own header and trailer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What one side says to the other: who it is, how far it knows each device, and changes that the other lacks.

    `more`: this side has further changes for the other. `digest` is of the rows at exactly `vector`. `probe` asks for
    heads at some counters, and `heads` answers it. `replace` names the household that the other side shall give up
    for this one. `now_ms` is what the sender's clock shows. `sums` asks for parts of
    the digest ({kind: tail}), and answers that ({kind: {part: number}}).
    """

    household: UUID
    device: UUID
    schema: str
    is_empty: bool
    vector: Vector
    stretches: Sequence[Written] | Sequence[Heard] = ()
    more: bool = False
    digest: str | None = None
    probe: Mapping[UUID, Sequence[int]] = field(default_factory=dict)
    heads: Mapping[UUID, Mapping[int, bytes]] = field(default_factory=dict)
    replace: UUID | None = None
    now_ms: int | None = None
    sums: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return sum(stretch.end - stretch.after for stretch in self.stretches)

    @property
    def heard(self) -> tuple[Heard, ...]:
        """The stretches of a message that was read."""
        return tuple(stretch for stretch in self.stretches if isinstance(stretch, Heard))


def written(message: Message) -> bytes:
    """The message as JSON."""
    said: dict[str, Any] = {
        "protocol": PROTOCOL,
        "schema": message.schema,
        "household": message.household.hex,
        "device": message.device.hex,
        "empty": message.is_empty,
        "vector": {device.hex: _point(point) for device, point in message.vector.items()},
        "more": message.more,
    }
    if message.now_ms is not None:
        said["now"] = message.now_ms
    if message.digest is not None:
        said["digest"] = message.digest
    if message.probe:
        said["probe"] = {device.hex: list(counters) for device, counters in message.probe.items()}
    if message.heads:
        said["heads"] = {
            device.hex: {str(counter): head.hex() for counter, head in known.items()}
            for device, known in message.heads.items()
        }
    if message.sums:
        said["sums"] = message.sums
    if message.replace is not None:
        said["replace"] = message.replace.hex
    # The changes are JSON already: reading them only in order to write them again would be most of a sync's time.
    told = ",".join(_stretch(one) for one in message.stretches if isinstance(one, Written))
    return f'{compact(said)[:-1]},"stretches":[{told}]}}'.encode()


def read(body: bytes) -> Message:
    """The message that some JSON is. Raises Malformed, or WrongProtocol, with a sentence that says where and why."""
    try:
        said = members(_parsed(body))
        _check_protocol(said.get("protocol"))
        device = _must(said, "device", uuid)
        schema = _must(said, "schema", lambda value: short_text(value, 40, 1))
        own = device if is_no_later(schema) else None
        return Message(
            household=_must(said, "household", uuid),
            device=device,
            schema=schema,
            is_empty=_must(said, "empty", flag),
            vector=_must(said, "vector", vector),
            stretches=_must({"stretches": [], **said}, "stretches", lambda value: stretches(value, own)),
            more=_must({"more": False, **said}, "more", flag),
            digest=_must(said, "digest", digest) if "digest" in said else None,
            probe=_must({"probe": {}, **said}, "probe", probe),
            heads=_must({"heads": {}, **said}, "heads", heads),
            replace=_must(said, "replace", uuid) if "replace" in said else None,
            sums=_must({"sums": {}, **said}, "sums", sums),
            now_ms=_must(said, "now", lambda value: whole(value, EARLIEST_MS, LATEST_MS)) if "now" in said else None,
        )
    except OtherMoney:
        raise WrongProtocol(
            "The household keeps money that this Quartermaster does not know. Update it, then try again.",
            protocol=PROTOCOL,
        ) from None
    except Misshapen as wrong:
        raise Malformed(f"This is no message of Quartermaster's sync: {wrong}.") from None


def packed(body: bytes) -> bytes:
    """Compressed by gzip."""
    packer = zlib.compressobj(QUICKEST, zlib.DEFLATED, GZIP)
    return packer.compress(body) + packer.flush()


def unpacked(body: bytes) -> bytes:
    """What was compressed by gzip, unless it is larger than a message may be: no more than that is ever unpacked."""
    unpacker = zlib.decompressobj(GZIP)
    try:
        plain = unpacker.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise Malformed("The message is not compressed as it says (gzip).") from None
    check_size(len(plain))
    if not unpacker.eof or unpacker.unused_data:
        raise Malformed("The compressed message is cut short, or something follows it.")
    return plain


def check_size(size: int) -> None:
    """Refuse what is larger than a message may be."""
    if size > MOST_BYTES:
        raise TooLarge(f"A message has at most {MOST_BYTES:,} bytes. Send fewer changes at a time.")


def _must(said: Mapping[str, Any], name: str, reading: Any) -> Any:
    if name not in said:
        raise Misshapen("is missing").inside(f".{name}")
    try:
        return reading(said[name])
    except Misshapen as wrong:
        raise wrong.inside(f".{name}") from None


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_float=_no_fraction, parse_constant=_no_fraction)
    except (ValueError, RecursionError):
        raise Misshapen("must be JSON in UTF-8 without fractions, not nested deeply").inside("it") from None


def _no_fraction(_: str) -> NoReturn:
    raise ValueError


def _check_protocol(protocol: Any) -> None:
    if type(protocol) is int and protocol > PROTOCOL:
        raise WrongProtocol(
            f"This Quartermaster speaks protocol {PROTOCOL}, and was asked in {protocol}. Update it, then try again.",
            protocol=PROTOCOL,
        )
    if type(protocol) is not int or protocol != PROTOCOL:
        raise Misshapen(f"must be {PROTOCOL}").inside(".protocol")


def _point(point: Point) -> list[Any]:
    return [point[0], point[1].hex()]


def _stretch(one: Written) -> str:
    about = {"device": one.device.hex, "after": _point(one.start), "head": one.head.hex()}
    return f'{compact(about)[:-1]},"changes":[{",".join(one.lines)}]}}'
