"""What a merge left that a person should look at: nothing that was typed disappears without being found here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from quartermaster.domain import lifecycle, text
from quartermaster.domain.errors import Refused
from quartermaster.domain.month import Month, MonthEntry, MonthState
from quartermaster.domain.section import Section
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.month_views import MonthSummary, month_list
from quartermaster.services.months import open_entry, open_month, set_month_debt_target
from quartermaster.services.taking import take
from quartermaster.storage.lost_edits import LostEdit, dismiss, lost_edits
from quartermaster.storage.merge import DELETED
from quartermaster.storage.work import Work


@dataclass(frozen=True, slots=True)
class Lost:
    """An edit that does not stand: what it was about, and in which month."""

    edit: LostEdit
    about: str
    month: YearMonth | None


@dataclass(frozen=True, slots=True)
class Stranded:
    """An entry that was deleted on one device while another added a posting to it."""

    entry: MonthEntry
    month: YearMonth


@dataclass(frozen=True, slots=True)
class Twins:
    """Entries of one name in one section of an open month, from different devices."""

    entries: tuple[MonthEntry, ...]
    month: YearMonth


@dataclass(frozen=True, slots=True)
class Attention:
    """All that is to be looked at; empty where nothing is."""

    out_of_balance: tuple[MonthSummary, ...]
    stranded: tuple[Stranded, ...]
    twins: tuple[Twins, ...]
    lost: tuple[Lost, ...]

    @property
    def count(self) -> int:
        return len(self.out_of_balance) + len(self.stranded) + len(self.twins) + len(self.lost)


def attention(work: Work) -> Attention:
    """What there is to look at now."""
    closed = (month for month in month_list(work) if month.state is MonthState.CLOSED)
    return Attention(
        out_of_balance=tuple(month for month in closed if month.applied_zero),
        stranded=tuple(Stranded(entry, month.year_month) for entry, month in work.stranded_entries()),
        twins=_twins(work.entries_of_one_name()),
        lost=tuple(_lost(work, edit) for edit in lost_edits(work.connection)),
    )


def take_lost(work: Work, edit: LostEdit) -> None:
    """Let the value that was lost stand after all, as if it were typed now: refused where typing it would be.

    What was deleted comes back with it, into an open month.
    """
    if edit.is_deleted:
        for month in work.months_of({edit.change.record}):
            lifecycle.require_open(month)
        work.set_fields(edit.change.kind, edit.change.record, {DELETED: False})
    take(work, edit)
    dismiss(work.connection, edit)


def dismiss_lost(work: Work, edit: LostEdit) -> None:
    """A person has looked at it, and leaves it as it is."""
    dismiss(work.connection, edit)


def put_together(work: Work, twins: Twins) -> MonthEntry:
    """Make one entry of several: the postings move to the first, the planned amounts add up, the others go.

    A debt target that points at one of them points at the first then.
    """
    month = open_month(work, twins.month)
    first, *others = [open_entry(work, entry.id)[0] for entry in twins.entries]
    for other in others:
        for posting in work.postings(other.id):
            work.edit(posting, replace(posting, entry_id=first.id))
    notes = "\n".join(dict.fromkeys(entry.notes for entry in (first, *others) if entry.notes)) or None
    if notes is not None and len(notes) > text.NOTES_LENGTH:
        raise Refused(
            f"Their notes together have {len(notes):,} characters; one entry can have {text.NOTES_LENGTH:,}. "
            "Shorten them, then make one of them.",
            field="notes",
        )
    whole = replace(first, planned=sum(entry.planned for entry in (first, *others)), notes=notes)
    work.edit(first, whole)
    work.remove(*others)
    if month.debt_target in {other.id for other in others}:
        set_month_debt_target(work, twins.month, first.id)
    return whole


def _twins(named_alike: Sequence[tuple[MonthEntry, Month]]) -> tuple[Twins, ...]:
    groups: dict[tuple[YearMonth, Section, str], list[MonthEntry]] = defaultdict(list)
    for entry, month in named_alike:
        if month.state is not MonthState.CLOSED:
            groups[month.year_month, entry.section, entry.name.casefold()].append(entry)
    return tuple(Twins(tuple(entries), key[0]) for key, entries in groups.items() if len(entries) > 1)


def _lost(work: Work, edit: LostEdit) -> Lost:
    months = work.months_of({edit.change.record})
    named = edit.values.get("name") or edit.values.get("payee") or edit.values.get("description")
    month = months[0].year_month if months else None
    return Lost(edit, str(named or (month.title if month and edit.change.kind == "month" else "A posting")), month)
