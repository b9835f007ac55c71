"""The household that the settings name: its file opened, its money, and the server at which it meets others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from quartermaster.domain.money import Money
from quartermaster.formats.locales import default_currency, default_locale, money_for
from quartermaster.services.currency import choose_currency, may_choose_currency
from quartermaster.settings import Settings, WrongSetting
from quartermaster.storage.migrate import prepare
from quartermaster.storage.store import Store
from quartermaster.storage.time_ordered import now_ms, time_ordered_id
from quartermaster.storage.timed import TimedStore
from quartermaster.sync.line import Server
from quartermaster.sync.room import upgrade_rows

if TYPE_CHECKING:
    from quartermaster.ui.place import Place


def opened(settings: Settings, took: Callable[[str, float], None] = lambda *_: None) -> tuple[Store, Money]:
    """The household's file, migrated and founded if it must be, and the money that it keeps."""
    wanted = wanted_money(settings)
    prepare(settings.database, settings.backups)
    store = TimedStore(settings.database, now_ms=now_ms, new_id=time_ordered_id, took=took)
    upgrade_rows(store)
    store.found(wanted.currency)
    return store, _kept(store, settings, wanted)


def opened_demo(place: Place, took: Callable[[str, float], None]) -> tuple[Store, Money]:
    """The demo's file beside the household's own, which is not even made."""
    from quartermaster.ui.household_file import make_demo

    make_demo(place.demo, place.currency, now_ms, time_ordered_id, date.today)
    store = TimedStore(place.demo, now_ms=now_ms, new_id=time_ordered_id, took=took)
    upgrade_rows(store)
    with store.read() as work:
        return store, money_for(work.household().currency, place.locale)


def server_of(settings: Settings) -> Server | None:
    """The server that the settings name."""
    if not settings.sync_url:
        return None
    return Server(
        url=settings.sync_url,
        user=settings.sync_user,
        password=settings.sync_password,
        ca_file=settings.sync_ca_file,
    )


def wanted_money(settings: Settings) -> Money:
    """The money of a household that begins here."""
    locale = locale_of(settings)
    try:
        return money_for(settings.currency or default_currency(locale), locale)
    except ValueError as error:
        name = "CURRENCY" if settings.currency and "currency" in str(error) else "LOCALE"
        raise WrongSetting(f"QUARTERMASTER_{name}: {error}") from None


def locale_of(settings: Settings) -> str:
    return settings.locale or default_locale()


def _kept(store: Store, settings: Settings, wanted: Money) -> Money:
    """The money that the household keeps: while it is empty, that of the setting. After that another is refused."""
    with store.read() as work:
        kept, may_choose = work.household().currency, may_choose_currency(work)
    if settings.currency and kept != wanted.currency:
        if not may_choose:
            store.close()
            raise WrongSetting(
                f"QUARTERMASTER_CURRENCY is {settings.currency!r}, but this household keeps its money in {kept}. "
                "Remove the setting, or name another data file."
            )
        with store.write() as work:
            choose_currency(work, wanted.currency)
        return wanted
    return money_for(kept, locale_of(settings))
