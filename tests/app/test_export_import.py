"""`quartermaster export` and `quartermaster import`, as a person types them."""

from __future__ import annotations

from pathlib import Path

from quartermaster.storage.store import Store
from tests.living import entry, line, plan_entry, posted, started
from tests.running import command


def test_what_is_exported_can_be_imported_into_another_household(store: Store, tmp_path: Path) -> None:
    plan_entry(store)
    started(store)
    for amount in (1_250, -300):
        posted(store, entry(store, "Groceries").id, amount)
    file = tmp_path / "postings.csv"
    said = command(tmp_path, "export", str(file))
    assert (said.returncode, said.stdout) == (0, f"{file} (2 postings)\n")
    assert command(tmp_path, "export", "-").stdout.lstrip("\ufeff") == file.read_text(encoding="utf-8-sig")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    refused = command(elsewhere, "import", str(file))
    assert refused.returncode == 1
    assert "- line 2: May 2026 is not started yet. Start it first." in refused.stdout
    assert (
        refused.stderr == "quartermaster: Nothing was imported: 2 lines cannot be. Mend the file and import it again.\n"
    )


def test_an_import_is_said_and_made_once(store: Store, tmp_path: Path) -> None:
    plan_entry(store)
    started(store)
    file = tmp_path / "bank.csv"
    file.write_text("date;entry;amount\n2026-05-17;Groceries;12.50\n", encoding="utf-8")
    assert command(tmp_path, "import", str(file)).stdout == "Postings added: 1. Here already: 0.\n"
    assert command(tmp_path, "import", str(file)).stdout == "Postings added: 0. Here already: 1.\n"
    assert line(store, "Groceries").applied == 1_250


def test_an_export_replaces_no_file_and_a_missing_one_is_not_imported(store: Store, tmp_path: Path) -> None:
    there = tmp_path / "letter.txt"
    there.write_text("Dear Sam")
    said = command(tmp_path, "export", str(there))
    assert (said.returncode, there.read_text()) == (1, "Dear Sam")
    assert "letter.txt cannot be used: File exists." in said.stderr
    assert command(tmp_path, "import", str(tmp_path / "nowhere.csv")).returncode == 1


def test_a_full_disk_is_called_what_it_is(tmp_path: Path) -> None:
    said = command(tmp_path, "export", "-", under=("sh", "-c", 'exec "$@" > /dev/full', "sh"))
    sentence = "A file cannot be used: No space left on device. Free some space, then try again."
    assert (said.returncode, said.stderr) == (1, f"quartermaster: {sentence}\n")
