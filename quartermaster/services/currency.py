"""The money that a household keeps: chosen while it is empty, and for good once there is something in it."""

from __future__ import annotations

from quartermaster.domain.errors import Refused
from quartermaster.formats.locales import known_currency
from quartermaster.storage.arrival import start_over
from quartermaster.storage.exchange import standing
from quartermaster.storage.work import Work


def may_choose_currency(work: Work) -> bool:
    """Whether nothing was ever kept in this household, and no other device said anything in it.

    A device that joined an empty household takes the money of the one that founded it.
    """
    at = standing(work.connection)
    return at.is_empty and not at.vector.keys() - {at.device}


def choose_currency(work: Work, code: str) -> None:
    """Keep this money. Refused for another one than now once there is something in the household.

    It becomes a new household: so no device that knew it before, and has written amounts into it by now, ever finds
    that they mean other money.
    """
    try:
        wanted = known_currency(code)
    except ValueError as unknown:
        raise Refused(str(unknown), field="currency") from None
    kept = work.household().currency
    if wanted == kept:
        return
    if not may_choose_currency(work):
        raise Refused(f"This household keeps its money in {kept}, and that stays.", field="currency")
    start_over(work, wanted)
