"""What sync says when it cannot go on.

SyncFailure
├── Unreachable        nobody answers, or the answer is that it is busy: try again later
└── Rejected           one side said no, and nothing was changed; `code` says why, also to programs
    ├── Malformed      what came is not what docs/sync.md describes
    ├── TooLarge       a message is above the limit
    ├── WrongProtocol  one of the two is too old for the other
    ├── Gap            what came does not go on from what is here: start again from the vectors
    ├── ForkedDevice   a device said different things: a copy or a restore
    ├── OtherHousehold both sides hold something, and not the same household
    ├── OtherCurrency  the household that would move in keeps other money than the setting says
    ├── InDemo         the demo household is open, and it never syncs
    ├── NeedsPassword  the proxy or the server asks for a name and a password
    ├── NotQuartermaster  something else answers there
    ├── Unusable       what leads to the server cannot be used here: the file of its authority is gone
    └── StillDiffers   equal vectors, different rows, and a replay did not mend it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID


class SyncFailure(Exception):
    """The message says what to do next."""

    code = "failed"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Unreachable(SyncFailure):
    """Nobody answered in a way that counts. `after_s`: how long the other side asks to be left alone."""

    code = "unreachable"

    def __init__(self, sentence: str, after_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.after_s = after_s


class Rejected(SyncFailure):
    """Refused, with nothing changed. `status` is the HTTP status that carries it; `details` go along."""

    code = "rejected"
    status = 409

    def __init__(self, sentence: str, **details: Any) -> None:
        super().__init__(sentence)
        self.details: Mapping[str, Any] = details


class Malformed(Rejected):
    """What came is not a message."""

    code = "malformed"
    status = 400


class TooLarge(Rejected):
    """A message is above the limit."""

    code = "too_large"
    status = 413


class WrongProtocol(Rejected):
    """`details["protocol"]` is what the refusing side speaks."""

    code = "protocol"


class Gap(Rejected):
    """Something between what is known and what came is missing."""

    code = "gap"


class ForkedDevice(Rejected):
    """The two sides know different things of `device`."""

    code = "forked"

    def __init__(self, sentence: str, device: UUID) -> None:
        super().__init__(sentence, device=device.hex)
        self.device = device


class OtherHousehold(Rejected):
    """`details` names the refusing side's household, and counts what it holds: for who asked, `here` is a Census, or
    None where it was not told.
    """

    code = "another_household"


class OtherCurrency(Rejected):
    """A household that keeps other money than its operator set cannot move in."""

    code = "currency"


class InDemo(Rejected):
    """The file that is open must never be shared."""

    code = "demo"

    def __init__(self) -> None:
        super().__init__("The demo household is open here, and it never syncs. Go back to your own household first.")


class NeedsPassword(Rejected):
    """Someone asks who is there."""

    code = "password"


class NotQuartermaster(Rejected):
    """Something else answers at that address."""

    code = "not_quartermaster"


class Unusable(Rejected):
    """What this side needs to reach and to know the server cannot be used."""

    code = "unusable"


class StillDiffers(Rejected):
    """The same changes make different rows on the two sides."""

    code = "differs"
