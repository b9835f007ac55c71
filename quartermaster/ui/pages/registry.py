"""All pages of the program."""

from __future__ import annotations

from quartermaster.ui import theme
from quartermaster.ui.calls import Calls


def register_all(calls: Calls) -> None:
    """Give every page its address; called once, before the server starts."""
    # Imported here, so that the command line does not pay for the pages.
    from quartermaster.ui.pages import (
        archive,
        attention,
        backups,
        files,
        history,
        ledger,
        licences,
        month,
        not_found,
        plan,
        settings,
        sync,
    )

    theme.serve()
    calls.live.start()
    for page in (plan, month, ledger, history, archive, attention, backups, files, settings, licences, sync, not_found):
        page.register(calls)
