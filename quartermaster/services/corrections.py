"""Corrections of postings that another device of the same household brought before: they come after them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from quartermaster.domain.posting import Posting
from quartermaster.storage.change import Change
from quartermaster.storage.changelog import logged
from quartermaster.storage.work import Work

Corrections = Mapping[UUID, Mapping[str, Any]]
"""By posting: the fields that were edited, as they travel, or that it was deleted."""


def bring(work: Work, corrections: Corrections, places: Mapping[UUID, UUID]) -> int:
    """Write those that the log here does not know; of how many postings. `places` says where entries are here.

    They were made without having seen what was edited here since, so that is listed as lost. A posting that was
    deleted here stays so, and what was corrected in it is listed.
    """
    known = work.known(Posting, corrections)
    said: dict[UUID, list[Change]] = defaultdict(list)
    for change in logged(work.connection, known):
        if change.kind == "posting":
            said[change.record].append(change)
    count = 0
    for posting in known:
        fields = _placed(corrections[posting], places)
        news = {name: value for name, value in fields.items() if not _was_said(said[posting], name, value)}
        if news:
            work.set_unseen("posting", posting, news)
            count += 1
    return count


def _placed(fields: Mapping[str, Any], places: Mapping[UUID, UUID]) -> dict[str, Any]:
    """The same, with the entry that stands here for the one that it was moved to."""
    entry = places.get(UUID(hex=fields["entry_id"])) if "entry_id" in fields else None
    rest = {name: value for name, value in fields.items() if name != "entry_id"}
    return rest if entry is None else {**rest, "entry_id": entry.hex}


def _was_said(changes: list[Change], name: str, value: Any) -> bool:
    return any(name in change.fields and change.fields[name] == value for change in changes)
