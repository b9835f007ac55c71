"""What a household that moves into a file must be."""

from __future__ import annotations

from uuid import UUID

from quartermaster.storage.exchange import currency_of
from quartermaster.storage.work import Work
from quartermaster.sync.errors import OtherCurrency


def check_currency(work: Work, household: UUID, wanted: str | None) -> None:
    """Refuse it where it keeps other money than the operator set: the program would not start on it again."""
    kept = currency_of(work.connection, household)
    if wanted is not None and kept != wanted:
        raise OtherCurrency(
            f"This household keeps its money in {kept}, and QUARTERMASTER_CURRENCY where it would go says {wanted}. "
            "Change the setting there, or leave it out; then connect again."
        )
