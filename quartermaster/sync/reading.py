"""Reading the parts of a message that came from somewhere: each is what it must be, or is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from quartermaster.storage.change import EDIT, INSERT, Change, compact
from quartermaster.storage.exchange import MOST_DEVICES, Census, Heard, Point, Vector
from quartermaster.storage.shapes import (
    DELETED,
    FIELDS,
    MOST_WHOLE,
    Beyond,
    Misshapen,
    faults,
    identity,
    short_text,
    whole,
)

MOST_FIELDS, MOST_PROBES, MOST_SUMS, DEEPEST = 64, 64, 10_000, 16
MOST_UNKNOWN_BYTES = 64_000
"""Of one change that has fields this version does not know."""
_HEAD = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{32}", re.ASCII)
_KIND = re.compile(r"[a-z][a-z0-9_]{0,19}", re.ASCII)
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_PART = re.compile(r"[0-9a-f]{2}", re.ASCII)
_COUNTER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


class OtherMoney(Misshapen):
    """A household keeps money that only a later version knows: this one can make no row of it."""


def members(value: Any, most: int = MOST_DEVICES) -> dict[str, Any]:
    """A JSON object."""
    if type(value) is not dict or len(value) > most:
        raise Misshapen(f"must be an object of at most {most} members")
    return value


def elements(value: Any) -> list[Any]:
    """A JSON array."""
    if type(value) is not list:
        raise Misshapen("must be an array")
    return value


def uuid(value: Any) -> UUID:
    return UUID(hex=identity(value))


def flag(value: Any) -> bool:
    if type(value) is not bool:
        raise Misshapen("must be true or false")
    return value


def digest(value: Any) -> str:
    if type(value) is not str or not _DIGEST.fullmatch(value):
        raise Misshapen("must be 32 lower-case hexadecimal digits")
    return value


def vector(value: Any) -> Vector:
    """How far each device is known: {device: [counter, head]}."""
    return {uuid(device): _point(point, 1) for device, point in members(value).items()}


def probe(value: Any) -> dict[UUID, tuple[int, ...]]:
    """The counters at which heads are asked for: {device: [counter, …]}."""
    asked = {}
    for device, counters in members(value).items():
        if len(elements(counters)) > MOST_PROBES:
            raise Misshapen(f"must ask for at most {MOST_PROBES} heads of a device")
        asked[uuid(device)] = tuple(whole(counter, 1, MOST_WHOLE) for counter in counters)
    return asked


def heads(value: Any) -> dict[UUID, dict[int, bytes]]:
    """Heads that were asked for: {device: {"counter": head}}."""
    told: dict[UUID, dict[int, bytes]] = {}
    for device, known in members(value).items():
        told[uuid(device)] = found = {}
        for counter, head in members(known, MOST_PROBES).items():
            if not _COUNTER.fullmatch(counter):
                raise Misshapen("must be named by counters")
            found[int(counter)] = _head(head)
    return told


def sums(value: Any) -> dict[str, Any]:
    """Parts of the digest that are asked for, {kind: tail}; or told, {kind: {tail or record: number}}."""
    found: dict[str, Any] = {}
    for kind, said in members(value, MOST_FIELDS).items():
        if not _KIND.fullmatch(kind):
            raise Misshapen("must name kinds in small letters")
        if type(said) is str:
            found[kind] = _tail(said)
        else:
            found[kind] = {_part(part): digest(number) for part, number in members(said, MOST_SUMS).items()}
    return found


def census(value: Any) -> Census | None:
    """How much a household holds; None where that is not said as it must be."""
    try:
        said = members(value)
        for name in ("earliest_day", "latest_day"):
            if said.get(name) is not None:
                FIELDS["posting"]["day"](said[name])
        plan_entries, months, postings = (whole(said.get(one), 0) for one in ("plan_entries", "months", "postings"))
    except Misshapen:
        return None
    return Census(plan_entries, months, postings, said.get("earliest_day"), said.get("latest_day"))


def _tail(value: str) -> str:
    if value and not _PART.fullmatch(value):
        raise Misshapen("must ask for all parts, or for one by two hexadecimal digits")
    return value


def _part(value: str) -> str:
    return value if _PART.fullmatch(value) else identity(value)


def stretches(value: Any, own: UUID | None = None) -> tuple[Heard, ...]:
    """Consecutive changes of devices, each device once.

    Known fields may hold what only a later version takes: that is kept for it. Not those of `own`, a device that says
    itself that its program knows no more than this one.
    """
    found = []
    for index, said in enumerate(elements(value)):
        try:
            found.append(_stretch(members(said), own))
        except Misshapen as wrong:
            raise wrong.inside(f"[{index}]") from None
    if len({one.device for one in found}) < len(found):
        raise Misshapen("must name each device once")
    return tuple(found)


def _stretch(said: Mapping[str, Any], own: UUID | None) -> Heard:
    missing = {"device", "after", "head", "changes"} - said.keys()
    if missing:
        raise Misshapen("is missing").inside(f".{min(missing)}")
    device = uuid(said["device"])
    after, follows = _point(said["after"], 0)
    changes = []
    for index, change in enumerate(elements(said["changes"])):
        try:
            changes.append(_change(device, after + 1 + index, change, is_later=device != own))
        except Misshapen as wrong:
            raise wrong.inside(f".changes[{index}]") from None
    if not changes:
        raise Misshapen("must not be empty").inside(".changes")
    return Heard(device=device, after=after, follows=follows, head=_head(said["head"]), changes=tuple(changes))


def _change(device: UUID, counter: int, said: Any, *, is_later: bool) -> Change:
    if type(said) is not list or len(said) != 7:
        raise Misshapen("must be [stamp, action, kind, record, op, fields, seen]")
    stamp, action, kind, record, op, fields, seen = said
    if type(kind) is not str or not _KIND.fullmatch(kind):
        raise Misshapen("must have a kind in small letters")
    if op not in (INSERT, EDIT):
        raise Misshapen(f"must have the op {INSERT} or {EDIT}")
    if not members(fields, MOST_FIELDS):
        raise Misshapen("must set a field")
    _check_fields(kind, op, fields, is_later=is_later)
    return Change(
        device=device,
        counter=whole(counter, 1, MOST_WHOLE),
        stamp=whole(stamp, 0, MOST_WHOLE),
        action=whole(action, 1, counter),
        kind=kind,
        record=uuid(record),
        op=op,
        fields=fields,
        seen=None if seen is None else _seen(op, fields, seen),
    )


def _check_fields(kind: str, op: str, fields: dict[str, Any], *, is_later: bool) -> None:
    """Fields that are known hold what they must; others, and what later versions take, are kept for these."""
    known, wrong = FIELDS.get(kind, {}), faults(kind, op, fields)
    for one in wrong.values():
        if not (is_later and isinstance(one, Beyond)):
            raise one
    if kind == "household" and "currency" in wrong:
        raise OtherMoney(wrong["currency"].expected)
    if op == INSERT and (missing := known.keys() - fields.keys()):
        raise Misshapen("is missing in an insert").inside(f".{min(missing)}")
    if unknown := fields.keys() - known.keys() | wrong.keys():
        _check_unknown(kind, op, {name: fields[name] for name in unknown})


def _check_unknown(kind: str, op: str, fields: dict[str, Any]) -> None:
    if kind in FIELDS and "deleted" in fields:
        if op == INSERT:
            raise Misshapen("must not be in an insert").inside(".deleted")
        DELETED(fields.pop("deleted"))
    for name, value in fields.items():
        if not _FIELD.fullmatch(name):
            raise Misshapen("must have fields in small letters")
        _check_json(value, DEEPEST)
    if len(compact(fields)) > MOST_UNKNOWN_BYTES:
        raise Misshapen(f"must not be larger than {MOST_UNKNOWN_BYTES:,} bytes")


def _check_json(value: Any, depth: int) -> None:
    if depth == 0:
        raise Misshapen(f"must not be nested more than {DEEPEST} deep")
    if type(value) is str:
        short_text(value, MOST_UNKNOWN_BYTES)
    elif type(value) is int:
        whole(value)
    elif type(value) is list:
        for one in value:
            _check_json(one, depth - 1)
    elif type(value) is dict:
        for name, one in value.items():
            short_text(name, MOST_FIELDS)
            _check_json(one, depth - 1)


def _seen(op: str, fields: dict[str, Any], value: Any) -> dict[str, tuple[int, str]]:
    """What an edit replaced: {field: [stamp, device]}. A tombstone replaces all of them."""
    named = op == EDIT and members(value, MOST_FIELDS) and (fields.get("deleted") or value.keys() <= fields.keys())
    if not named:
        raise Misshapen("may say what an edit saw of the fields that it sets, otherwise null").inside(".seen")
    found = {}
    for name, key in value.items():
        if not _FIELD.fullmatch(name):
            raise Misshapen("must name fields in small letters").inside(".seen")
        if type(key) is not list or len(key) != 2:
            raise Misshapen("must be [stamp, device]").inside(f".seen.{name}")
        found[name] = (whole(key[0], 0, MOST_WHOLE), identity(key[1]))
    return found


def _point(value: Any, least: int) -> Point:
    if type(value) is not list or len(value) != 2:
        raise Misshapen("must be [counter, head]")
    return (whole(value[0], least, MOST_WHOLE), _head(value[1]))


def _head(value: Any) -> bytes:
    if type(value) is not str or not _HEAD.fullmatch(value):
        raise Misshapen("must be a head of 64 lower-case hexadecimal digits")
    return bytes.fromhex(value)
