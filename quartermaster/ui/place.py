"""Where this program's files are, for the pages that speak about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEMO_NAME = "demo.db"


@dataclass(frozen=True, slots=True)
class Place:
    """The household's own file, its backups, the demo's file beside it, and the locale that amounts are written in."""

    database: Path
    backups: Path
    demo: Path
    locale: str = "en_US"

    @classmethod
    def beside(cls, database: Path, *, locale: str = "en_US") -> Place:
        """Backups in a folder beside the file, the demo beside it too."""
        return cls(database, database.parent / "backups", database.parent / DEMO_NAME, locale)
