"""What this version makes of changes that a later one wrote: fields that it knows may hold values that it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from quartermaster.domain.currency import CODES
from quartermaster.domain.section import Section
from quartermaster.domain.text import NAME_LENGTH
from quartermaster.storage.change import INSERT, Change
from quartermaster.storage.shapes import FIELDS, Check, Misshapen, faults

STAND_INS: Mapping[str, Callable[[Any], Any]] = {
    "section": lambda _: Section.OTHER.value,
    "name": lambda name: name[:NAME_LENGTH] or "…",
    "position": lambda _: 0,
}
"""What a new record shows of a value that this version does not take, in fields that must hold one."""


def understood(change: Change) -> Change | None:
    """What this version can apply of a change; None where that is nothing.

    An edit loses the values that only a later version takes. An insert shows something else in their place, or there is
    no record yet. The log keeps all of it, for the upgrade.
    """
    wrong = faults(change.kind, change.op, change.fields)
    if not wrong:
        return change
    fields = {name: value for name, value in change.fields.items() if name not in wrong}
    if change.op == INSERT:
        for name in wrong:
            if name in STAND_INS:
                fields[name] = STAND_INS[name](change.fields[name])
            elif not _may_be_none(FIELDS[change.kind][name]):
                return None
    return replace(change, fields=fields) if fields else None


def takes() -> dict[str, Any]:
    """What the fields take, in words: another text wherever a version takes other values."""
    said: dict[str, Any] = {"currencies": sorted(CODES)}
    for kind, checks in FIELDS.items():
        said[kind] = {name: [_expected(check), _may_be_none(check)] for name, check in checks.items()}
    return said


def _may_be_none(check: Check) -> bool:
    return _fault(check, None) is None


def _expected(check: Check) -> str:
    wrong = _fault(check, object())
    assert wrong is not None
    return wrong.expected


def _fault(check: Check, value: Any) -> Misshapen | None:
    try:
        check(value)
    except Misshapen as wrong:
        return wrong
    return None
