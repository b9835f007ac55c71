"""Edits that had not seen each other: the later stands, and the other one is listed until a person looked at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select

from quartermaster.storage import schema
from quartermaster.storage.branch import is_that
from quartermaster.storage.change import EDIT, Change, Sight
from quartermaster.storage.changelog import chunks, known_speakers, load_states, logged, read_change
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.merge import DELETED, PLACES, is_later
from quartermaster.storage.prepared import Prepared

UNNOTICED = frozenset({"position"})
"""Fields of which nobody misses a value: an order is seen at once, and made again in a moment."""
UNNOTICED_KINDS = frozenset({"device_card"})
"""The same of all fields of a kind."""
Row = tuple[int, int, str]
"""One line of the list: a device's number in this file, the counter of its change, and the field."""
_KNOWN = frozenset(name for kind in KINDS.values() for name in kind.fields)

_NOTE = Prepared(insert(schema.lost_edit).prefix_with("OR IGNORE"))
_DISMISS = Prepared(
    delete(schema.lost_edit).where(
        schema.lost_edit.c.device_no
        == select(schema.device.c.no).where(schema.device.c.id == bindparam("by")).scalar_subquery(),
        schema.lost_edit.c.counter == bindparam("at"),
        schema.lost_edit.c.field == bindparam("name"),
    )
)
_END = Prepared(
    delete(schema.lost_edit).where(
        schema.lost_edit.c.device_no == bindparam("device_no"),
        schema.lost_edit.c.counter == bindparam("counter"),
        schema.lost_edit.c.field == bindparam("field"),
    )
)
_OF_ITS_CHANGE = (schema.change.c.device_no == schema.lost_edit.c.device_no) & (
    schema.change.c.counter == schema.lost_edit.c.counter
)
_LISTED_OF = Prepared(
    select(schema.lost_edit.c.device_no, schema.lost_edit.c.counter, schema.lost_edit.c.field)
    .join_from(schema.lost_edit, schema.change, _OF_ITS_CHANGE)
    .where(schema.change.c.record.in_(bindparam("ids", expanding=True)))
)
_LISTED = Prepared(
    select(schema.change, schema.device.c.id.label("device"), schema.lost_edit.c.field)
    .join_from(schema.lost_edit, schema.device)
    .join(schema.change, _OF_ITS_CHANGE)
    .order_by(schema.change.c.stamp)
)


@dataclass(frozen=True, slots=True)
class LostEdit:
    """What `change` said of `field` does not stand. `values` are the record's own now, as they travel.

    `was_moved`: it is a deletion, from a place where the record was no more.
    """

    change: Change
    field: str
    values: dict[str, Any]
    was_moved: bool = False

    @property
    def lost(self) -> Any:
        return self.change.fields[self.field]

    @property
    def value(self) -> Any:
        """The same as a record holds it."""
        field = KINDS[self.change.kind].fields[self.field]
        return field.to_value(*field.to_columns(self.lost))

    @property
    def is_deleted(self) -> bool:
        """Whether it lost to the record's deletion."""
        return bool(self.values.get(DELETED))


class Arrived:
    """The changes that one other device brings in one exchange, page after page."""

    def __init__(self) -> None:
        self._spans: dict[UUID, list[range]] = defaultdict(list)

    def __contains__(self, change: Change) -> bool:
        return any(change.counter in span for span in self._spans.get(change.device, ()))

    def note(self, changes: Iterable[Change]) -> None:
        """These came too."""
        for change in changes:
            spans = self._spans[change.device]
            if spans and spans[-1].stop == change.counter:
                spans[-1] = range(spans[-1].start, change.counter + 1)
            else:
                spans.append(range(change.counter, change.counter + 1))


def lost_in(changes: Sequence[Change]) -> Iterator[tuple[str, Change, Change]]:
    """The edits of one record that lost without having been seen: field, loser, winner."""
    by_field: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.op == EDIT:
            for name in change.fields:
                by_field[name].append(change)
    winners = {name: max(edits, key=lambda change: change.key) for name, edits in by_field.items()}
    gone = winners.get(DELETED)
    if gone is not None and gone.fields[DELETED]:
        moved = winners.get(PLACES.get(gone.kind, ""))
        if moved is not None and (seen := gone.saw(PLACES[gone.kind])) and is_later(moved.key, seen):
            # The record lives on where it was moved to: what does not stand is its deletion.
            yield DELETED, gone, moved
        else:
            for name in winners.keys() - UNNOTICED - {DELETED}:
                if _is_unseen(name, winners[name], gone):
                    yield name, winners[name], gone
    for name in by_field.keys() - UNNOTICED:
        yield from _outdone(name, by_field[name], winners[name])


def _outdone(name: str, edits: Sequence[Change], winner: Change) -> Iterator[tuple[str, Change, Change]]:
    """Of the edits of one field, those that no other one has seen, apart from the one that stands."""
    seen: dict[int, set[Sight]] = defaultdict(set)
    for change in edits:
        if (sight := change.saw(name)) is not None:
            seen[sight[0]].add(sight)
    for edit in edits:
        if edit is winner or _meaning(name, edit) == _meaning(name, winner):
            continue
        if not any(is_that(edit.key, sight) for sight in seen.get(edit.stamp, ())):
            yield name, edit, winner


def note_lost(connection: Connection, fresh: Sequence[Change], arrived: Arrived) -> None:
    """List what was lost by the arrival of these changes, which are in the log by now; and list no more what they end.

    Of two that arrived in one exchange nothing is said: who has them already was told. What had been lost before was
    told then.
    """
    arrived.note(fresh)
    edited = {change.record for change in fresh if change.op == EDIT}
    if not edited:
        return
    news = {(change.device, change.counter) for change in fresh}
    numbers = {speaker.id: speaker.no for speaker in known_speakers(connection).values()}
    by_record: dict[tuple[str, UUID], list[Change]] = defaultdict(list)
    for change in logged(connection, edited):
        if change.kind in KINDS.keys() - UNNOTICED_KINDS:
            by_record[change.kind, change.record].append(change)
    lost: set[Row] = set()
    told: set[Row] = set()
    ended: set[Row] = set()
    for changes in by_record.values():
        for name, loser, winner in lost_in(changes):
            row = (numbers[loser.device], loser.counter, name)
            lost.add(row)
            if loser in arrived and winner in arrived:
                told.add(row)
            if _came_again(name, loser, changes):
                ended.add(row)
        before = [change for change in changes if (change.device, change.counter) not in news]
        told |= {(numbers[loser.device], loser.counter, name) for name, loser in _outdone_by(before)}
    listed = _listed_of(connection, edited)
    _END.do_for_each(connection, [_named(row) for row in listed & ended | listed - lost])
    _NOTE.do_for_each(connection, [_named(row) for row in lost - told - listed if row[2] in _KNOWN])


def _outdone_by(changes: Sequence[Change]) -> Iterator[tuple[str, Change]]:
    """The edits that do not stand among these changes, lost or replaced; each with its field."""
    for name, loser, _ in lost_in(changes):
        yield name, loser
    winners: dict[str, Change] = {}
    for change in sorted((one for one in changes if one.op == EDIT), key=lambda one: one.key):
        for name in change.fields:
            if name in winners:
                yield name, winners[name]
            winners[name] = change


def _came_again(name: str, loser: Change, changes: Sequence[Change]) -> bool:
    """Whether somebody has put the lost value in the place of the one that it had lost to."""
    return any(
        (seen := later.saw(name)) is not None
        and name in later.fields
        and seen > loser.key[1:]
        and not is_that(loser.key, seen)
        and _meaning(name, later) == _meaning(name, loser)
        for later in changes
    )


def lost_edits(connection: Connection) -> list[LostEdit]:
    """All that are listed, oldest first; without those whose value stands after all by now."""
    listed = [(read_change(row), str(row["field"])) for row in _LISTED.records(connection)]
    states = load_states(connection, [(change.kind, change.record) for change, _ in listed])
    found = []
    for change, name in listed:
        state = states[change.kind, change.record]
        was_moved = name == DELETED and bool(state.values.get(DELETED)) and not state.is_deleted
        edit = LostEdit(change, name, {**state.values, DELETED: state.is_deleted}, was_moved)
        if edit.is_deleted or _meant(name, edit.lost) != _meant(name, edit.values.get(name)):
            found.append(edit)
    return found


def dismiss(connection: Connection, edit: LostEdit) -> None:
    """A person has looked at it."""
    _DISMISS.do(connection, by=edit.change.device.bytes, at=edit.change.counter, name=edit.field)


def _listed_of(connection: Connection, records: Iterable[UUID]) -> set[Row]:
    found: set[Row] = set()
    for chunk in chunks([record.bytes for record in records]):
        found |= {(no, counter, name) for no, counter, name in _LISTED_OF.rows(connection, ids=chunk)}
    return found


def _named(row: Row) -> dict[str, Any]:
    return dict(zip(("device_no", "counter", "field"), row, strict=True))


def _meaning(name: str, change: Change) -> Any:
    return _meant(name, change.fields[name])


def _meant(name: str, value: Any) -> Any:
    """What a person sees of a value: not at which millisecond a month was closed."""
    return value[0] if name == "lifecycle" and isinstance(value, list) and value else value


def _is_unseen(name: str, edit: Change, gone: Change) -> bool:
    """Whether the edit was made without the deletion, and the deletion without the edit."""
    if DELETED in edit.fields:
        return False
    if (seen := gone.saw(name)) is not None:
        return is_later(edit.key, seen)
    # A tombstone of before these named all values. Who has seen a deletion cannot edit: so this was made without it.
    return edit.device != gone.device and edit.key > gone.key
