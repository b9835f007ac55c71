"""Taking in what another file says: checked against the chains that are known, then logged and merged, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from quartermaster.domain.plan import Household
from quartermaster.storage import schema
from quartermaster.storage.change import NO_HEAD, Change
from quartermaster.storage.changelog import BrokenChain, apply
from quartermaster.storage.exchange import (
    MOST_DEVICES,
    MOST_STRANGERS,
    NOTHING,
    Heard,
    Point,
    currency_of,
    head_at,
    standing,
)
from quartermaster.storage.identity import take_identity
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.lost_edits import Arrived, note_lost
from quartermaster.storage.own_name import own_name, say_name_again
from quartermaster.storage.work import ARRIVED, Work

FOR_SPEAKERS = 200
"""Of the most devices, the last ones are for those that speak for themselves: whoever brings nonsense under many names
must not keep a household's next laptop out.
"""
MOST_STAMP = 1 << 62
"""The year 4199: no clock shows it, and it leaves room above for the stamps that must follow a wrong one."""
STAMP_ROOM = 1 << 32
LARGE, ROOM_KB = 500, 32_000


class Forked(Exception):
    """A device said one thing here and another there after the same beginning: a file was copied or restored."""

    def __init__(self, device: UUID) -> None:
        super().__init__(f"{device} said different things")
        self.device = device


class Altered(Exception):
    """Changes are not what their chain's head says, or no chain can hold them."""


class Homeless(Exception):
    """The first page for a file that joins a household does not bring the household itself."""


def take(work: Work, stretches: Sequence[Heard], arrived: Arrived, speaker: UUID | None = None) -> int:
    """Log and merge what arrived; how many changes were new. All of it or, when anything is wrong, nothing.

    `arrived` is what came before it in the same exchange. `speaker` is the device that brings it to this server; None
    where this side asked for it. Raises BrokenChain when something between what is known and what arrived is missing.
    """
    connection = work.connection
    at = standing(connection)
    _check_devices(at.vector.keys(), {stretch.device for stretch in stretches}, speaker)
    fresh: list[Change] = []
    for stretch in stretches:
        fresh += _news(connection, at.vector.get(stretch.device, NOTHING), stretch)
    if not fresh:
        return 0
    _check_stamps(fresh, at.clock)
    with _room(connection, len(fresh)):
        taken = apply(connection, fresh)
    for stretch in stretches:
        if head_at(connection, stretch.device, stretch.end) != stretch.head:
            raise Altered(f"what {stretch.device} said does not lead to the head that was named")
    note_lost(connection, fresh, arrived)
    if any(change.device == at.device for change in fresh):
        # This file was restored or copied: what it would say next has been said already.
        take_identity(connection, work.new_id())
    work.action = ARRIVED
    return taken


def join(
    work: Work,
    household: UUID,
    stretches: Sequence[Heard],
    arrived: Arrived,
    *,
    device: UUID | None = None,
    speaker: UUID | None = None,
) -> int:
    """Empty this file, make it one of another household's, and take in the first page; how many changes it brought.

    The caller has made sure that nothing is lost. It goes on as the same device, or as `device`, under the same name.
    """
    connection = work.connection
    name = own_name(work)
    _wipe(connection, household, device or standing(connection).device)
    taken = take(work, stretches, arrived, speaker)
    if currency_of(connection, household) is None:
        raise Homeless(f"household {household} did not come with its first page")
    say_name_again(work, name)
    return taken


def start_over(work: Work, currency: str | None = None) -> None:
    """Make this file an empty household's, under a new id and a new device. The caller has backed it up.

    It keeps its name, and other money from then on where a currency is named.
    """
    currency, name = currency or work.household().currency, own_name(work)
    identity = work.new_id()
    _wipe(work.connection, identity, work.new_id())
    work.add(Household(id=identity, currency=currency))
    say_name_again(work, name)


@contextmanager
def _room(connection: Connection, changes: int) -> Iterator[None]:
    """Memory for a page's rows all over a large file: SQLite would read the same leaves again and again in its 2 MB."""
    if changes < LARGE:
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size=-{ROOM_KB}")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA cache_size=-2000")


def _news(connection: Connection, known: Point, stretch: Heard) -> tuple[Change, ...]:
    """What of a stretch this file does not have; refused unless it goes on from exactly what this file has."""
    counter, head = known
    if stretch.after > counter:
        raise BrokenChain(f"change {stretch.after + 1} of {stretch.device} follows {counter}")
    if head_at(connection, stretch.device, stretch.after) != stretch.follows:
        raise Forked(stretch.device)
    overlap = stretch.changes[: counter - stretch.after]
    running = stretch.follows
    for change in overlap:
        running = change.chained(running)
    expected = head if len(overlap) == counter - stretch.after else head_at(connection, stretch.device, stretch.end)
    if running != expected:
        raise Forked(stretch.device)
    return stretch.changes[len(overlap) :]


def _check_devices(known: AbstractSet[UUID], brought: AbstractSet[UUID], speaker: UUID | None) -> None:
    strangers = brought - known
    if len(strangers) > MOST_STRANGERS:
        raise Altered(f"they are of more than {MOST_STRANGERS} devices that are not known here; bring fewer at a time")
    most = MOST_DEVICES if speaker is None or strangers == {speaker} else MOST_DEVICES - FOR_SPEAKERS
    if strangers and len(known | brought) > most:
        raise Altered(f"there would be more than {most:,} devices")


def _check_stamps(changes: Sequence[Change], clock: int) -> None:
    """A stamp far beyond every clock would leave no room for the edits that must win over it."""
    for change in changes:
        if change.stamp >= max(MOST_STAMP, clock + STAMP_ROOM):
            raise Altered(f"change {change.counter} of {change.device} is stamped later than the year 4000")
        clock = max(clock, change.stamp)


def _wipe(connection: Connection, household: UUID, device: UUID) -> None:
    for table in (
        schema.lost_edit,
        schema.met,
        schema.left_alone,
        *(kind.table for kind in KINDS.values()),
        schema.change,
    ):
        connection.execute(delete(table))
    me = connection.execute(select(schema.this_device.c.device_no)).scalar_one()
    devices = schema.device
    connection.execute(delete(devices).where(devices.c.no != me))
    connection.execute(update(devices).values(id=device.bytes, counter=0, head=NO_HEAD))
    connection.execute(update(schema.this_device).values(household=household.bytes))
