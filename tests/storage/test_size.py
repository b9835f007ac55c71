"""What a household takes on the disk, its whole history included."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import uuid4

from quartermaster.domain.posting import PostingDraft
from quartermaster.services.postings import add_postings
from quartermaster.storage.doctor import examine
from quartermaster.storage.store import Store
from tests.living import entry, line, plan_entry, started

POSTINGS = 10_000
MOST_BYTES = 8_000_000
PAYEES = ("Marlow Market", "Green Basket", "Corner Bakery", "Harvest Co-op", None)
DESCRIPTIONS = ("Weekly shop", None, "Bread and fruit", None)


def test_ten_thousand_postings_of_one_action_stay_below_eight_megabytes_with_their_log(
    store: Store, database: Path
) -> None:
    names = [f"Entry {number}" for number in range(40)]
    for name in names:
        plan_entry(store, name)
    started(store)
    entries = [entry(store, name).id for name in names]
    drafts = [
        PostingDraft(
            id=uuid4(),
            entry_id=entries[number % 40],
            day=date(2026, 5, number % 31 + 1),
            amount=number * 7 % 20_000 + 1,
            payee=PAYEES[number % len(PAYEES)],
            description=DESCRIPTIONS[number % len(DESCRIPTIONS)],
        )
        for number in range(POSTINGS)
    ]
    with store.write() as work:
        assert add_postings(work, drafts) == POSTINGS
        assert work.connection.exec_driver_sql("SELECT count(DISTINCT action) FROM change").scalar_one() == 43
    assert line(store, "Entry 7").postings == POSTINGS // 40
    store.close()
    assert [path.name for path in database.parent.glob("*.db*")] == [database.name]
    assert database.stat().st_size < MOST_BYTES
    assert examine(database).findings == ()
