"""Taking a value that was lost in a merge, by the verbs with which a person would type it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from quartermaster.domain.errors import NotFound, Refused
from quartermaster.domain.month import Lifecycle, Month, MonthState
from quartermaster.domain.posting import PostingDraft
from quartermaster.domain.year_month import YearMonth
from quartermaster.services.months import (
    activate_month,
    close_month,
    delete_month_entry,
    edit_month_entry,
    move_month_entry,
    reopen_month,
    set_month_debt_target,
)
from quartermaster.services.plans import delete_plan_entry, edit_plan_entry, move_plan_entry, set_plan_debt_target
from quartermaster.services.postings import delete_posting, edit_posting
from quartermaster.storage.lost_edits import LostEdit
from quartermaster.storage.merge import DELETED
from quartermaster.storage.work import Work

Take = Callable[[Work, UUID, str, Any], object]
PLAN_FIELDS = (
    "name", "planned", "notes", "goal", "goal_date", "opening_balance", "debt_balance", "apr_basis_points"
)  # fmt: skip
MONTH_FIELDS = ("name", "planned", "notes")
POSTING_FIELDS = ("entry_id", "day", "amount", "payee", "description")


def take(work: Work, edit: LostEdit) -> None:
    """Write the lost value by its verb, with all rules and events of that. Refused where no verb writes it."""
    if edit.field == DELETED and not edit.value:
        return  # It lives by now.
    _BY_KIND[edit.change.kind](work, edit.change.record, edit.field, edit.value)


def _take_household(work: Work, _: UUID, field: str, value: Any) -> None:
    if field != "debt_target":
        raise _no_verb(field)
    set_plan_debt_target(work, value)


def _take_plan_entry(work: Work, entry: UUID, field: str, value: Any) -> None:
    if field == "section":
        move_plan_entry(work, entry, section=value, before=None)
    elif field == DELETED:
        delete_plan_entry(work, entry)
    elif field in PLAN_FIELDS:
        edit_plan_entry(work, entry, **{field: value})
    else:
        raise _no_verb(field)


def _take_month(work: Work, identity: UUID, field: str, value: Any) -> None:
    month = work.month(identity)
    if month is None:
        raise NotFound("That month was taken back meanwhile.")
    if field == "debt_target":
        set_month_debt_target(work, month.year_month, value)
    elif field == "lifecycle":
        _becoming(month.state, value)(work, month.year_month)
    else:
        raise _no_verb(field)


def _becoming(state: MonthState, wanted: Lifecycle) -> Callable[[Work, YearMonth], Month]:
    """The verb that leads to the wanted state, which may still refuse."""
    if wanted.state is MonthState.PLANNING:
        raise Refused("A month that was activated does not go back to planning. Leave it as it is.")
    if wanted.state is MonthState.CLOSED:
        return close_month
    return reopen_month if state is MonthState.CLOSED else activate_month


def _take_month_entry(work: Work, entry: UUID, field: str, value: Any) -> None:
    if field == "section":
        move_month_entry(work, entry, section=value, before=None)
    elif field == DELETED:
        delete_month_entry(work, entry)
    elif field in MONTH_FIELDS:
        edit_month_entry(work, entry, **{field: value})
    else:
        raise _no_verb(field)


def _take_posting(work: Work, identity: UUID, field: str, value: Any) -> None:
    if field == DELETED:
        delete_posting(work, identity)
        return
    posting = work.posting(identity)
    if posting is None:
        raise NotFound("That posting was deleted meanwhile.")
    if field not in POSTING_FIELDS:
        raise _no_verb(field)
    draft = PostingDraft(
        id=posting.id, entry_id=posting.entry_id, day=posting.day, amount=posting.amount, payee=posting.payee,
        description=posting.description,
    )  # fmt: skip
    edit_posting(work, replace(draft, **{field: value}))


def _no_verb(field: str) -> Refused:
    return Refused(f"The {field.replace('_', ' ')} stays as it is: it is set once and not changed.")


_BY_KIND: Mapping[str, Take] = {
    "household": _take_household,
    "plan_entry": _take_plan_entry,
    "month": _take_month,
    "month_entry": _take_month_entry,
    "posting": _take_posting,
}
