"""A change: what one device did to one record, as it is logged, chained and sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

INSERT, EDIT = "insert", "edit"
NO_HEAD = bytes(32)
"""The head of a chain that says nothing yet."""

Key = tuple[int, int, bytes]
"""Who wins a field: (0 for an insert and 1 for an edit, stamp, device id). The greater key wins.

An insert loses to every edit: of two devices that start the same month, the later start must not
undo what the other already edited in it.
"""

Sight = tuple[int, bytes]
"""A value that was seen: the stamp and the device of the change that set it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Immutable once committed.

    `counter` counts this device's changes, without gaps. `stamp` is a hybrid logical clock: milliseconds since
    1970 shifted left by 16, plus a count. `action` is the counter of the first change of the same user action.
    `fields` holds wire values; `seen`, in an edit, the (stamp, device) of each value that it replaced. A tombstone
    replaces the whole record, and names all values.
    """

    device: UUID
    counter: int
    stamp: int
    action: int
    kind: str
    record: UUID
    op: str
    fields: dict[str, Any]
    seen: dict[str, tuple[int, str]] | None = None

    @property
    def key(self) -> Key:
        return (int(self.op != INSERT), self.stamp, self.device.bytes)

    def saw(self, name: str | None) -> Sight | None:
        """The value of a field that was there when this edit was made; None where it does not say."""
        if not self.seen or name not in self.seen:
            return None
        stamp, device = self.seen[name]
        return stamp, bytes.fromhex(device)

    def chained(self, head: bytes) -> bytes:
        """The chain's next head: SHA-256 over the head before and this change's canonical JSON."""
        said = [self.device.hex, self.counter, self.stamp, self.action, self.kind, self.record.hex, self.op]
        return hashlib.sha256(head + compact([*said, self.fields, self.seen]).encode()).digest()


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
# The encoder makes its quick part anew for every value, which takes twice as long as the encoding.
_MAKE: Any = getattr(json.encoder, "c_make_encoder", None)
_QUICK: Any = _MAKE and _MAKE(
    None,
    _ENCODER.default,
    json.encoder.encode_basestring,
    None,
    _ENCODER.key_separator,
    _ENCODER.item_separator,
    _ENCODER.sort_keys,
    _ENCODER.skipkeys,
    _ENCODER.allow_nan,
)


def compact(value: Any) -> str:
    """The one JSON spelling of a value: hashes and digests depend on it."""
    return "".join(_QUICK(value, 0)) if _QUICK else _ENCODER.encode(value)
