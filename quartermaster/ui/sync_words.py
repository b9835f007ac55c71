"""How sync stands, in a person's words: for the chip in the header and for what it opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from quartermaster.sync.status import State, Status
from quartermaster.ui.when import local_moment, since


@dataclass(frozen=True, slots=True)
class Words:
    """`short` is for the chip, `sentence` explains it. `tone` is ok, wait or warn."""

    tone: str
    short: str
    sentence: str


def words(status: Status, *, today: date, in_demo: bool = False) -> Words:
    """What to say of this status; `today` is where this program runs."""
    if in_demo:
        return Words("wait", "Demo", "The demo household never syncs. Your own goes on when you are back in it.")
    if status.state is State.OFFLINE:
        return _offline(status, today)
    if status.state is State.IN_STEP and status.doubt:
        return Words("warn", "Check the clock", "This device and the server hold the same, but a clock seems wrong.")
    tone, short, sentence = _SAID[status.state]
    return Words(tone, short or _moving(status), sentence.format(said=status.sentence))


def waiting(count: int) -> str:
    """`3 changes`, of what this device has and the server lacks."""
    return f"{count:,} change{'s' if count != 1 else ''}"


def device_name(device: UUID, name: str | None) -> str:
    """What a device is called; one without a name by the end of its id."""
    return name or f"Device {device.hex[-4:]}"


def last_success(status: Status) -> str:
    """When this device and the server were last in step."""
    return local_moment(status.last_success_ms) if status.last_success_ms else "not yet"


def repaired(at_ms: int | None) -> str:
    """That rows differed and were mended; empty where none did since the program began."""
    if at_ms is None:
        return ""
    return (
        f"{local_moment(at_ms)}: this device and another one showed different things, though both hold the "
        "same changes. All was made anew from these, and is the same now; nothing is lost. If it happens again, run "
        "quartermaster doctor on both."
    )


def _offline(status: Status, today: date) -> Words:
    by = "itself" if status.waiting == 1 else "themselves"
    rest = f"{waiting(status.waiting)} here will go out by {by}." if status.waiting else "Nothing waits here."
    short = f"Offline, {status.waiting:,} waiting" if status.waiting else "Offline"
    began = f" (since {since(status.since_ms, today)})" if status.since_ms else ""
    return Words("wait", f"{short}{began}", f"{status.sentence} {rest} Everything works meanwhile.")


def _moving(status: Status) -> str:
    if status.received > status.sent or status.coming > status.waiting:
        total = f" of {status.coming:,}" if status.coming else " so far"
        return f"Receiving {status.received:,}{total}"
    left = max(status.waiting - status.sent, 0)
    return f"Sending {left:,}" if left else "Sending"


_SAID = {
    State.STARTING: ("wait", "Connecting", "The server is being asked what it has."),
    State.IN_STEP: ("ok", "In step", "This device and the server hold the same."),
    State.SENDING: ("wait", "", "Changes are on their way. You can go on meanwhile."),
    State.NEEDS_PASSWORD: ("warn", "Needs your password", "{said} Type them again in the settings of sync."),
    State.NEEDS_UPDATE: ("warn", "Needs an update", "{said}"),
    State.ANOTHER_HOUSEHOLD: (
        "warn",
        "Another household",
        "The server keeps another household than this device. Choose in the settings of sync which one to go on with.",
    ),
    State.NEEDS_ATTENTION: ("warn", "Needs attention", "{said}"),
}
"""Tone, short words (none: they count) and sentence."""
