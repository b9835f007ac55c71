"""The rows of a page's entries, section by section: a row that stays is never drawn again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from quartermaster.domain.section import Section
from quartermaster.ui.parts.tags import Tag, el

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Row(Protocol[T_contra]):
    """The line itself and what may be open beneath it, side by side in their section."""

    row: Tag
    under: Tag

    def show(self, item: T_contra, /) -> None:
        """Bring the row to what the item says."""


R = TypeVar("R", bound=Row)  # type: ignore[type-arg]  # of whatever its items are


class SectionRows(Generic[R, T]):
    """`draw` makes an item's row in the current context; `gone` hears which row left its place."""

    def __init__(self, draw: Callable[[T], R], gone: Callable[[UUID], None]) -> None:
        self._draw, self._gone = draw, gone
        self._rows: dict[UUID, tuple[Section, R]] = {}
        self._places: dict[Section, Tag] = {}

    @property
    def ids(self) -> Collection[UUID]:
        """The entries that have a row now."""
        return self._rows.keys()

    def get(self, identity: UUID) -> R | None:
        """The row of an entry; None while its group is closed."""
        found = self._rows.get(identity)
        return found[1] if found else None

    def begin(self, section: Section) -> None:
        """Draw the place for a section's rows."""
        self._places[section] = el("div")

    def end(self, section: Section) -> None:
        """Forget the rows of a section whose place went."""
        for identity in [one for one, (of, _) in self._rows.items() if of is section]:
            self._forget(identity)

    def show(self, sections: Mapping[Section, Mapping[UUID, T]]) -> None:
        """Bring the rows of all sections that are drawn to these items, in their order.

        A row whose entry changed its section moves there, with what is open beneath it.
        """
        for identity in self._rows.keys() - {identity for items in sections.values() for identity in items}:
            self._delete(identity)
        for section, items in sections.items():
            self._show(section, items)

    def _show(self, section: Section, items: Mapping[UUID, T]) -> None:
        at = self._places[section]
        for index, (identity, item) in enumerate(items.items()):
            row = self._shown(section, identity, item)
            children = at.default_slot.children
            if index * 2 >= len(children) or children[index * 2] is not row.row:
                row.row.move(at, index * 2)
                row.under.move(at, index * 2 + 1)

    def _shown(self, section: Section, identity: UUID, item: T) -> R:
        if identity in self._rows:
            row = self._rows[identity][1]
            row.show(item)
        else:
            with self._places[section]:
                row = self._draw(item)
        self._rows[identity] = (section, row)
        return row

    def _delete(self, identity: UUID) -> None:
        _, row = self._rows[identity]
        row.row.delete()
        row.under.delete()
        self._forget(identity)

    def _forget(self, identity: UUID) -> None:
        del self._rows[identity]
        self._gone(identity)
