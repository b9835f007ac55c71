"""Whatever devices wrote without having seen each other: each value stands afterwards, or a device lists it as lost."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quartermaster.domain.errors import Refused
from quartermaster.domain.section import Section
from quartermaster.services import months, plans, postings
from quartermaster.services.undo import undo
from quartermaster.storage.changelog import load_states, logged
from quartermaster.storage.exchange import Vector
from quartermaster.storage.lost_edits import UNNOTICED, lost_edits
from quartermaster.storage.merge import DELETED
from quartermaster.storage.work import Work
from tests.living import MAY, draft, plan_entry, started
from tests.sync.replicas import Replica, assert_same, assert_totals, meet, replica
from tests.sync.trying import EXAMPLES

LAPTOPS = 2
Verb = Callable[[Work, int], object]


def _entry(work: Work, which: int) -> UUID:
    entries = work.month_entries(work.months()[0].id)
    if not entries:
        raise Refused("there is none")
    return entries[which % len(entries)].id


def _posting(work: Work, which: int) -> Any:
    found = [one for entry in work.month_entries(work.months()[0].id) for one in work.postings(entry.id)]
    if not found:
        raise Refused("there is none")
    return sorted(found, key=lambda one: one.id)[which % len(found)]


def _edited(work: Work, which: int, **fields: Any) -> None:
    one = _posting(work, which)
    there = draft(one.entry_id, one.amount, one.day, one.payee, one.description, one.id)
    postings.edit_posting(work, replace(there, **fields))


VERBS: dict[str, Verb] = {
    "plan an amount": lambda work, n: months.edit_month_entry(work, _entry(work, n), planned=1_000 + n),
    "give a name": lambda work, n: months.edit_month_entry(work, _entry(work, n), name=f"Name {n}"),
    "move an entry": lambda work, n: months.move_month_entry(
        work, _entry(work, n), section=list(Section)[n % 3 + 3], before=None
    ),
    "delete an entry": lambda work, n: months.delete_month_entry(work, _entry(work, n)),
    "post": lambda work, n: postings.add_posting(work, draft(_entry(work, n), 1 + n, id=work.new_id())),
    "correct an amount": lambda work, n: _edited(work, n, amount=5_000 + n),
    "move a posting": lambda work, n: _edited(work, n, entry_id=_entry(work, n + 1)),
    "delete a posting": lambda work, n: postings.delete_posting(work, _posting(work, n).id),
    "plan another amount": lambda work, n: plans.edit_plan_entry(work, work.plan_entries()[n % 2].id, planned=n),
    "take back": lambda work, n: undo(work, work._me()[1] - n % 3),
    "activate": lambda work, _: months.activate_month(work, MAY),
    "aim at a debt": lambda work, n: months.set_month_debt_target(work, MAY, _entry(work, n)),
}


@dataclass(frozen=True)
class Deed:
    """What a device does, how much later than its last deed by its own clock."""

    who: int
    verb: str
    which: int
    after_ms: int = 1_000


deeds = st.builds(
    Deed,
    who=st.integers(0, LAPTOPS),
    verb=st.sampled_from(sorted(VERBS)),
    which=st.integers(0, 5),
    after_ms=st.integers(-100_000, 100_000),
)


@contextmanager
def in_step() -> Iterator[list[Replica]]:
    """A server and laptops that know the same month, with three entries and a posting on each."""
    folder = Path(tempfile.mkdtemp(prefix="quartermaster-"))
    replicas = [replica(folder, number) for number in range(LAPTOPS + 1)]
    for name, section in (("Groceries", Section.FOOD), ("Other", Section.OTHER), ("Loan", Section.DEBT_MINIMUM)):
        plan_entry(replicas[0].store, name, 1_000, section)
    for line in started(replicas[0].store).lines:
        with replicas[0].store.write() as work:
            postings.add_posting(work, draft(line.entry.id, 100, id=work.new_id()))
    try:
        for one in replicas[1:]:
            meet(one, replicas[0])
        yield replicas
    finally:
        for one in replicas:
            one.close()
        shutil.rmtree(folder)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(done=st.lists(deeds, min_size=2, max_size=8), order=st.lists(st.integers(1, LAPTOPS), max_size=4))
@example(done=[Deed(1, "move a posting", 0), Deed(0, "delete an entry", 0, 60_000)], order=[])
@example(done=[Deed(1, "correct an amount", 0), Deed(0, "delete an entry", 0, 60_000)], order=[])
@example(
    done=[Deed(0, "activate", 0), *(Deed(who, "correct an amount", n, 0) for who, n in ((0, 0), (0, 3), (1, 0)))],
    order=[],
)
@example(done=[Deed(who, "correct an amount", n, 0) for who, n in ((0, 3), (0, 0), (0, 3), (1, 0))], order=[])
@example(
    done=[Deed(1, "move a posting", 1, 90_000), Deed(1, "delete a posting", 1), Deed(0, "move a posting", 1)],
    order=[],
)
@example(done=[Deed(1, "plan an amount", 0), Deed(2, "plan an amount", 3), Deed(0, "delete an entry", 0)], order=[2])
def test_every_value_that_was_written_stands_or_is_listed(done: list[Deed], order: list[int]) -> None:
    with in_step() as replicas:
        before = [one.vector for one in replicas]
        for deed in done:
            one = replicas[deed.who]
            one.clock.now_ms += deed.after_ms
            with suppress(Refused), one.store.write() as work:
                VERBS[deed.verb](work, deed.which)
        wrote = [list(_written(one, known)) for one, known in zip(replicas, before, strict=True)]
        for who in [*order, *range(1, LAPTOPS + 1), *range(1, LAPTOPS + 1)]:
            meet(replicas[who], replicas[0])
        assert_same(replicas)
        listed = {key for one in replicas for key in _listed(one)}
        for word in (word for words in wrote for word in words):
            _assert_found(replicas[0], word, listed)
        assert_totals(replicas[0])


Key = tuple[str, UUID]


@dataclass(frozen=True)
class Word:
    """What a device wrote into a field, as it stood there then, and whether it deleted the record itself."""

    by: UUID
    key: Key
    name: str
    value: Any
    gone: bool


def _written(one: Replica, known: Vector) -> Iterator[Word]:
    """What this device wrote into records that others may know."""
    with one.store.read() as work:
        query = "SELECT DISTINCT kind, record FROM change"
        keys = [(kind, UUID(bytes=record)) for kind, record in work.connection.exec_driver_sql(query)]
        me = work.device
        after = known.get(me, (0, b""))[0]
        states = load_states(work.connection, keys)
        for change in logged(work.connection, {record for _, record in keys}):
            if change.device == me and change.counter > after and change.op == "edit":
                key = (change.kind, change.record)
                for name in change.fields.keys() - UNNOTICED:
                    value = states[key].is_deleted if name == DELETED else states[key].values[name]
                    yield Word(me, key, name, value, states[key].is_deleted)


def _listed(one: Replica) -> Iterator[tuple[Key, str, str]]:
    with one.store.read() as work:
        for edit in lost_edits(work.connection):
            yield (edit.change.kind, edit.change.record), edit.field, repr(edit.change.fields[edit.field])


def _assert_found(one: Replica, word: Word, listed: set[tuple[Key, str, str]]) -> None:
    with one.store.read() as work:
        state = load_states(work.connection, [word.key])[word.key]
        stranded = {entry.id for entry, _ in work.stranded_entries()}
    if word.gone or word.key[1] in stranded or (word.key, word.name, repr(word.value)) in listed:
        return
    if word.name == DELETED:
        assert state.is_deleted == word.value, word
        return
    assert _seen(word.name, state.values[word.name]) == _seen(word.name, word.value), word
    # Of what was deleted, the deleter knew this value, though from somebody else.
    assert not state.is_deleted or state.key_of(word.name)[2] != word.by.bytes, word


def _seen(name: str, value: Any) -> Any:
    return value[0] if name == "lifecycle" else value
