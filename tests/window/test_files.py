"""Files of the machine, chosen in the desktop's own dialog: postings come in, and a backup goes back in."""

from __future__ import annotations

from pathlib import Path

from quartermaster.storage.backup import back_up
from tests.window.opened import Opened
from tests.window.test_a_day import applied, household
from tests.window.test_desk import choose


def test_postings_are_imported_from_a_file_and_a_backup_is_restored_from_one(window: Opened, tmp_path: Path) -> None:
    month = household(window)
    statement = tmp_path / "statement.csv"
    statement.write_text(f"date,entry,amount,payee\n{month.first_day},Groceries,12.50,Marlow Market\n", "utf-8")
    before = back_up(window.database, tmp_path, "before the import").path
    window.remember(page="/settings/files")
    with window:
        into_the_page(window, "Import and export")
        window.key("Tab", "Tab", "space")
        choose(window, statement)
        window.until(lambda: "1 posting to add" in window.page_text())
        window.key("Tab", "Return")
        window.until(lambda: applied(window) == [2_250])
        window.find("backups", "Backups · Quartermaster")
        into_the_page(window, "Backups")
        window.key("Tab")

        def asked() -> bool:
            # The button is there a moment before it does anything.
            window.key("Return")
            return window.comes(lambda: "Everything goes back" in window.page_text(), 3.0)

        window.until(asked)
        window.key("Tab", "space")
        choose(window, before)
        window.until_titled("Backups · Quartermaster")
        window.key("Tab", "Tab", "Return")
        window.until(lambda: applied(window) == [1_000])
        assert window.close() == 0


def into_the_page(window: Opened, title: str) -> None:
    """Past the rail and the header, by the link that is there for it, once the page hears the keyboard."""
    window.until_titled(f"{title} · Quartermaster")
    window.until(lambda: "Skip to the page" in window.page_text() or title in window.page_text())
    window.key("Tab", "Return")
