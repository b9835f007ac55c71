"""Telling changes to people: what stood in a record, what came in its place, and what all of it is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from quartermaster.domain.month import MonthState
from quartermaster.domain.year_month import YearMonth
from quartermaster.storage.change import INSERT, Change
from quartermaster.storage.changelog import States, load_states, logged
from quartermaster.storage.kinds import KINDS
from quartermaster.storage.merge import DELETED, RecordState
from quartermaster.storage.reversal import reversal
from quartermaster.storage.work import Work

Key = tuple[str, UUID]


class Did(StrEnum):
    """What one step did to its record."""

    ADDED = "added"
    EDITED = "edited"
    DELETED = "deleted"
    BROUGHT_BACK = "brought back"


@dataclass(frozen=True, slots=True)
class Edit:
    """One field: what it was, as far as the log knows, and what it became. As they travel."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one record, told with what stood in it. `kind` may be one that this program does not know.

    `values` are the record's own right after the step; of one that was deleted those that it had. `entry` is what the
    entry of a posting is called, and `names` what the records are called that the values and edits point at.
    """

    kind: str
    record: UUID
    did: Did
    values: Mapping[str, Any]
    edits: tuple[Edit, ...]
    month: YearMonth | None
    entry: str | None
    names: Mapping[str, str]

    @property
    def is_known(self) -> bool:
        return self.kind in KINDS


class Telling:
    """What must be known to tell these changes: the log of their records, and what those point at."""

    def __init__(self, work: Work, changes: Sequence[Change]) -> None:
        known = [change for change in changes if change.kind in KINDS]
        self._log: dict[Key, list[Change]] = {(change.kind, change.record): [] for change in known}
        for change in logged(work.connection, {change.record for change in known}):
            self._log.get((change.kind, change.record), []).append(change)
        self._said = {(c.kind, c.record, c.stamp, c.device.hex): c for log in self._log.values() for c in log}
        keys: set[Key] = set(self._log)
        for log in self._log.values():
            keys |= {key for change in log for key in _pointed_at(change.kind, change.fields)}
        self._now: States = load_states(work.connection, sorted(keys, key=str))
        # A posting's month is its entry's.
        months: set[Key] = {("month", UUID(hex=home)) for home in map(_month_of, self._now.values()) if home}
        self._now |= load_states(work.connection, sorted(months - keys, key=str))

    def step(self, change: Change) -> Step:
        before = self._before(change)
        # What the person saw, where the change names it: by their stamps alone, values count that came from elsewhere.
        seen = {field: self._replaced(change, before, field) for field in change.seen or ()}
        values = {**before.values, **seen, **change.fields}
        if change.fields.get(DELETED):
            did = Did.DELETED
        elif DELETED in change.fields:
            did = Did.BROUGHT_BACK
        else:
            did = Did.ADDED if change.op == INSERT else Did.EDITED
        told = values if did is not Did.EDITED else change.fields
        replaced = {field: self._replaced(change, before, field) for field in told}
        return Step(
            kind=change.kind,
            record=change.record,
            did=did,
            values=values,
            edits=tuple(
                Edit(field, replaced[field], value)
                for field, value in _in_order(change)
                if field != DELETED and change.op != INSERT
            ),
            month=self.month_of(change.kind, values),
            entry=self._name("month_entry", values.get("entry_id")) if change.kind == "posting" else None,
            names=self.names(change.kind, [told, replaced]),
        )

    def names(self, kind: str, told: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """What the records are called that values of a kind name, by their ids as these travel."""
        return {
            record.hex: self._name(there, record.hex) for values in told for there, record in _pointed_at(kind, values)
        }

    def month_of(self, kind: str, values: Mapping[str, Any]) -> YearMonth | None:
        """The month that a record with these values is, or stands in."""
        if kind == "posting" and values.get("entry_id"):
            entry = self._now.get(("month_entry", UUID(hex=values["entry_id"])))
            return self.month_of("month_entry", entry.values) if entry is not None else None
        if kind == "month_entry" and values.get("month_id"):
            month = self._now.get(("month", UUID(hex=values["month_id"])))
            values = month.values if month is not None else {}
        said = values.get("year_month")
        return YearMonth.parse(said) if said else None

    def can_take_back(self, changes: Sequence[Change]) -> bool:
        """Whether something of one action still stands, and no closed month would change but by being reopened."""
        records: dict[Key, list[Change]] = {}
        for change in changes:
            if change.kind in KINDS:
                records.setdefault((change.kind, change.record), []).append(change)
        own, stands = {change.key for change in changes}, False
        for key, said in records.items():
            now = self._now[key]
            back = reversal(said, [one for one in self._log[key] if one.key not in own], now)
            reopens = now.kind == "month" and "lifecycle" in back
            if self._is_closed(now) and not reopens:
                return False
            stands = stands or bool(back)
        return stands

    def _before(self, change: Change) -> RecordState:
        """The record as that device's clock had it before the change."""
        state = RecordState(change.kind, change.record)
        for one in self._log.get((change.kind, change.record), ()):
            if one.key < change.key:
                state.merge(one)
        return state

    def _replaced(self, change: Change, before: RecordState, field: str) -> Any:
        """What the person saw in a field: the edit names the value that it replaces."""
        seen = (change.seen or {}).get(field)
        said = self._said.get((change.kind, change.record, *seen)) if seen else None
        return said.fields.get(field) if said is not None else before.values.get(field)

    def _name(self, kind: str, record: Any) -> str:
        state = self._now.get((kind, UUID(hex=record))) if record else None
        return str(state.values.get("name") or "") if state is not None else ""

    def _is_closed(self, now: RecordState) -> bool:
        """Whether the month that a record is, or stands in, is closed."""
        if now.kind == "posting":
            entry = now.values.get("entry_id")
            now = self._now.get(("month_entry", UUID(hex=entry)), now) if entry else now
        if now.kind == "month_entry":
            home = now.values.get("month_id")
            now = self._now.get(("month", UUID(hex=home)), now) if home else now
        return now.kind == "month" and now.values.get("lifecycle", [""])[0] == MonthState.CLOSED


def _pointed_at(kind: str, fields: Mapping[str, Any]) -> Iterable[Key]:
    """The records that a change's fields name."""
    targets = {"posting": "month_entry", "month": "month_entry", "household": "plan_entry"}
    for field in ("entry_id", "debt_target"):
        if kind in targets and fields.get(field):
            yield targets[kind], UUID(hex=fields[field])
    if kind == "month_entry" and fields.get("month_id"):
        yield "month", UUID(hex=fields["month_id"])


def _in_order(change: Change) -> list[tuple[str, Any]]:
    """A change's fields in the order in which its kind has them; JSON has lost it."""
    order = list(KINDS[change.kind].fields) if change.kind in KINDS else []
    return sorted(change.fields.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order))


def _month_of(state: RecordState) -> str | None:
    return state.values.get("month_id") if state.kind == "month_entry" else None
