"""Corrections of postings that another device of the same household brought before: they come after them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from quartermaster.domain.posting import Posting
from quartermaster.storage.change import EDIT, Change
from quartermaster.storage.changelog import logged
from quartermaster.storage.merge import DELETED
from quartermaster.storage.own_edits import Own
from quartermaster.storage.work import Work

Corrections = Mapping[UUID, Own]
"""By posting: the fields that were edited, as they travel, or that it was deleted."""


def bring(work: Work, corrections: Corrections, places: Mapping[UUID, UUID]) -> int:
    """Write those that the log here does not know; of how many postings. `places` says where entries are here.

    They were made without having seen what was edited here since, so that is listed as lost, and so is what the posting
    came here with where nobody there has heard of it. A posting that was deleted here stays so, and what was corrected
    in it is listed.
    """
    known = work.known(Posting, corrections)
    said: dict[UUID, list[Change]] = defaultdict(list)
    for change in logged(work.connection, known):
        if change.kind == "posting":
            said[change.record].append(change)
    count = 0
    for posting in known:
        fields = _placed(corrections[posting].fields, places)
        news = {name: value for name, value in fields.items() if not _was_said(said[posting], name, value)}
        if news:
            if unheard := _unheard(said[posting], corrections[posting].heard, news):
                work.set_unseen("posting", posting, unheard)
            work.set_unseen("posting", posting, news)
            count += 1
    return count


def _unheard(changes: list[Change], heard: Mapping[str, Sequence[Any]], news: Mapping[str, Any]) -> dict[str, Any]:
    """What goes by the news, came here with the posting, and is not known there. Said again, it can be listed."""
    edited = {name for change in changes if change.op == EDIT for name in change.fields}
    came_with = {name: value for change in changes for name, value in change.fields.items()}
    # Its entry has another id there.
    names = (came_with.keys() if DELETED in news else news.keys() & came_with.keys()) - edited - {"entry_id"}
    return {name: came_with[name] for name in sorted(names) if came_with[name] not in heard.get(name, ())}


def _placed(fields: Mapping[str, Any], places: Mapping[UUID, UUID]) -> dict[str, Any]:
    """The same, with the entry that stands here for the one that it was moved to."""
    entry = places.get(UUID(hex=fields["entry_id"])) if "entry_id" in fields else None
    rest = {name: value for name, value in fields.items() if name != "entry_id"}
    return rest if entry is None else {**rest, "entry_id": entry.hex}


def _was_said(changes: list[Change], name: str, value: Any) -> bool:
    return any(name in change.fields and change.fields[name] == value for change in changes)
