"""All postings as lines of a file, and lines of a file as postings."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from quartermaster.domain import text
from quartermaster.domain.errors import Refused
from quartermaster.domain.money import Money
from quartermaster.domain.month import MonthEntry
from quartermaster.domain.posting import Posting, PostingDraft, accepted
from quartermaster.domain.year_month import YearMonth
from quartermaster.formats.posting_file import Fault, PostingFile, PostingLine
from quartermaster.services.months import open_month
from quartermaster.services.postings import add_postings
from quartermaster.storage.work import Work

Entries = dict[str, list[MonthEntry]]


@dataclass(frozen=True, slots=True)
class Import:
    """What importing a file would do: postings to add, how many of its lines are here already, and its faults.

    Only a file without faults is imported.
    """

    drafts: tuple[PostingDraft, ...]
    known: int
    faults: tuple[Fault, ...]

    @property
    def months(self) -> tuple[YearMonth, ...]:
        """Where something would be added, the earliest first."""
        return tuple(sorted({YearMonth.of(draft.day) for draft in self.drafts}))


class Faulty(Refused):
    """An import with faults: nothing of it was added."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        lines = "line" if len(faults) == 1 else f"{len(faults):,} lines"
        super().__init__(f"Nothing was imported: {lines} cannot be. Mend the file and import it again.")
        self.faults = tuple(faults)


def export_postings(work: Work) -> list[PostingLine]:
    """Every posting of every month, the oldest first."""
    return [
        PostingLine(
            number=number,
            day=posting.day,
            section=entry.section,
            entry=entry.name,
            amount=posting.amount,
            payee=posting.payee,
            description=posting.description,
            id=posting.id,
        )
        for number, (posting, entry) in enumerate(work.all_postings(), 2)
    ]


def considered(work: Work, file: PostingFile, money: Money) -> Import:
    """What importing the file would do. Each line goes to the entry of that name in the month of its date.

    A line that is here already is passed over: one whose id is that of a posting, and one that came from a file before.
    """
    identities = _identities(work, file.lines)
    is_living = work.known(Posting, [one for pair in identities for one in pair])
    places: dict[YearMonth, Entries | Refused] = {}
    drafts, faults, known = [], list(file.faults), 0
    for line, (said, derived) in zip(file.lines, identities, strict=True):
        if is_living.get(said) or is_living.get(derived):
            known += 1
            continue
        # An id that this household does not know may be anything's elsewhere: it gets one of its own here.
        identity = said if said in is_living else derived
        is_living[identity] = True
        try:
            drafts.append(_draft(work, line, identity, places))
        except Refused as no:
            faults.append(Fault(line.number, no.sentence(money)))
    return Import(tuple(drafts), known, tuple(sorted(faults, key=lambda fault: fault.number)))


def import_postings(work: Work, file: PostingFile, money: Money) -> Import:
    """Add a file's postings as one action: all that are not here yet or, where a line is at fault, none (Faulty)."""
    found = considered(work, file, money)
    if found.faults:
        raise Faulty(found.faults)
    add_postings(work, found.drafts)
    return found


def _identities(work: Work, lines: Sequence[PostingLine]) -> list[tuple[UUID, UUID]]:
    """For each line the id that it says and the one that follows from what it says: the same file, the same ids.

    A line without an id is told from its equals by which of them it is.
    """
    household = work.household().id
    met: Counter[str] = Counter()
    identities = []
    for line in lines:
        said = [line.day, line.section, text.known_as(line.entry), line.amount, line.payee, line.description]
        what = str(line.id) if line.id else json.dumps([str(one) for one in said])
        if not line.id:
            met[what] += 1
        derived = uuid5(household, f"posting/{what}/{met[what]}")
        identities.append((line.id or derived, derived))
    return identities


def _draft(work: Work, line: PostingLine, identity: UUID, places: dict[YearMonth, Entries | Refused]) -> PostingDraft:
    year_month = YearMonth.of(line.day)
    if year_month not in places:
        places[year_month] = _entries(work, year_month)
    draft = PostingDraft(
        id=identity,
        entry_id=_entry(line, places[year_month]).id,
        day=line.day,
        amount=line.amount,
        payee=line.payee,
        description=line.description,
    )
    accepted(draft, year_month)
    return draft


def _entries(work: Work, year_month: YearMonth) -> Entries | Refused:
    """An open month's entries by their names, or why it takes no postings."""
    try:
        month = open_month(work, year_month)
    except Refused as no:
        return no
    entries: Entries = defaultdict(list)
    for entry in work.month_entries(month.id):
        entries[text.known_as(entry.name)].append(entry)
    return entries


def _entry(line: PostingLine, entries: Entries | Refused) -> MonthEntry:
    if isinstance(entries, Refused):
        raise entries
    title = YearMonth.of(line.day).title
    named = [one for one in entries.get(text.known_as(line.entry), ()) if line.section in (None, one.section)]
    if not named:
        where = f" in {line.section.title}" if line.section else ""
        raise Refused(f"{title} has no entry “{line.entry[:60]}”{where}. Add it there, or name another one.")
    if len(named) > 1:
        raise Refused(f"{title} has {len(named)} entries “{line.entry[:60]}”. Say which one by its section.")
    return named[0]
