"""How sync stands, for the chip in the header and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from quartermaster.sync.errors import NeedsPassword, OtherHousehold, SyncFailure, Unreachable, WrongProtocol


class State(StrEnum):
    """What a person must know."""

    STARTING = "starting"
    IN_STEP = "in_step"
    SENDING = "sending"
    OFFLINE = "offline"
    NEEDS_PASSWORD = "needs_password"  # noqa: S105  # a state, no secret
    NEEDS_UPDATE = "needs_update"
    ANOTHER_HOUSEHOLD = "another_household"
    NEEDS_ATTENTION = "needs_attention"


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """`waiting`: changes that the server lacks, as far as is known; `since_ms`: when the state began.

    `sent` and `received` count the changes of the exchange that is going on, or was cut short; `coming` is how many
    there are to receive in it, as far as the server has said.
    `sentence` says what to do where something must be done, `doubt` that a clock seems wrong; `repaired_ms` is when
    the rows of the two sides differed, and were made anew. Times in milliseconds since 1970.
    """

    state: State = State.STARTING
    waiting: int = 0
    sent: int = 0
    received: int = 0
    coming: int = 0
    since_ms: int = 0
    last_success_ms: int | None = None
    repaired_ms: int | None = None
    sentence: str = ""
    doubt: str = ""
    failure: SyncFailure | None = None

    @property
    def share(self) -> float | None:
        """How much of the exchange that is going on is done, from 0 to 1; None while nobody knows."""
        total = self.waiting + max(self.coming, self.received)
        return min((self.sent + self.received) / total, 1.0) if total and self.state is State.SENDING else None


def state_after(failure: SyncFailure) -> State:
    """What a failed exchange leaves."""
    for kind, state in (
        (Unreachable, State.OFFLINE),
        (NeedsPassword, State.NEEDS_PASSWORD),
        (WrongProtocol, State.NEEDS_UPDATE),
        (OtherHousehold, State.ANOTHER_HOUSEHOLD),
    ):
        if isinstance(failure, kind):
            return state
    return State.NEEDS_ATTENTION
