"""A fork: what a file knows of a device, where another file goes on with something else, gets a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select, update

from quartermaster.storage import schema
from quartermaster.storage.branch import names
from quartermaster.storage.change import NO_HEAD, Change
from quartermaster.storage.changelog import apply, known_speakers, read_change, rebuild
from quartermaster.storage.exchange import head_at, standing
from quartermaster.storage.identity import take_identity
from quartermaster.storage.prepared import Prepared
from quartermaster.storage.work import Work

_BRANCH = Prepared(
    select(schema.change)
    .where(schema.change.c.device_no == bindparam("no"), schema.change.c.counter > bindparam("after"))
    .order_by(schema.change.c.counter)
)


def reissue(work: Work, device: UUID, after: int) -> int:
    """Give what this file knows of a device beyond a point to an identity of its own; how many changes that were.

    The new identity's id, and so its chain, follows from what it says: several files that hold the same branch
    re-issue it as the same. Stamps stay, so that everything still wins what it won. If the device was this file's own,
    this file goes on under yet another identity, one that never said anything.
    """
    connection = work.connection
    speaker = known_speakers(connection)[device]
    rows = _BRANCH.records(connection, no=speaker.no, after=after)
    branch = [read_change({**row, "device": device.bytes}) for row in rows]
    if branch:
        renamed = _renamed(connection, branch, after, rows[0]["hash"])
        _forget(connection, speaker.no, after, head_at(connection, device, after) or NO_HEAD)
        apply(connection, renamed)
        _carry_over(connection, speaker.no, known_speakers(connection)[renamed[0].device].no, after)
        rebuild(connection, {change.record for change in branch})
    if standing(connection).device == device:
        take_identity(connection, work.new_id())
    return len(branch)


def _renamed(connection: Connection, branch: Sequence[Change], after: int, first: bytes) -> Sequence[Change]:
    """The branch under the first name that does not stand for anything else in this file."""
    for name in names(branch[0].device, first):
        renamed = _under(name, branch, after)
        head = NO_HEAD
        known = known_speakers(connection).get(name)
        for change in renamed[: known.counter if known else 0]:
            head = change.chained(head)
        if known is None or head == head_at(connection, name, min(known.counter, len(renamed))):
            return renamed
    raise AssertionError("names do not end")


def _forget(connection: Connection, no: int, after: int, head: bytes) -> None:
    change, device = schema.change, schema.device
    connection.execute(delete(change).where(change.c.device_no == no, change.c.counter > after))
    connection.execute(update(device).where(device.c.no == no).values(counter=after, head=head))


def _carry_over(connection: Connection, former: int, name: int, after: int) -> None:
    """What is listed as lost of the branch is listed under its new name."""
    table = schema.lost_edit
    branch = (table.c.device_no == former) & (table.c.counter > after)
    moved = {"device_no": name, "counter": table.c.counter - after}
    # Where the same branch came from another file under this name, it may be listed already.
    connection.execute(update(table).prefix_with("OR IGNORE").where(branch).values(**moved))
    connection.execute(delete(table).where(branch))


def _under(name: UUID, branch: Sequence[Change], after: int) -> list[Change]:
    """The branch as another device says it: counted from 1, and seen under that name by its own later edits."""
    stamps, former = {change.stamp for change in branch}, branch[0].device.hex

    def renamed(change: Change) -> Change:
        seen = change.seen and {
            field: (stamp, name.hex if by == former and stamp in stamps else by)
            for field, (stamp, by) in change.seen.items()
        }
        action = max(change.action - after, 1)
        return replace(change, device=name, counter=change.counter - after, action=action, seen=seen)

    return [renamed(change) for change in branch]
