"""Where this program's files are, for the pages that speak about them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEMO_NAME = "demo.db"
USUAL_STEM = "quartermaster"


@dataclass(frozen=True, slots=True)
class Place:
    """The household's own file, its backups, the demo's file beside it, and the locale that amounts are written in.

    `currency` is what a household keeps that is made here; `is_currency_set`: by the operator, so that no page asks.
    """

    database: Path
    backups: Path
    demo: Path
    locale: str = "en_US"
    currency: str = "USD"
    is_currency_set: bool = False

    @classmethod
    def beside(
        cls,
        database: Path,
        *,
        backups: Path | None = None,
        locale: str = "en_US",
        currency: str = "USD",
        is_currency_set: bool = False,
    ) -> Place:
        """Backups in a folder beside the file unless another is named, the demo beside it too."""
        folder = database.parent
        return cls(database, backups or folder / "backups", folder / DEMO_NAME, locale, currency, is_currency_set)
