"""Connecting to a server on a page: what was typed is tried before it is kept, and how it goes on is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from uuid import UUID

from nicegui import context, ui

from quartermaster.domain.errors import Refused
from quartermaster.storage.exchange import Census, census
from quartermaster.storage.work import Work
from quartermaster.sync.authority import authority_file
from quartermaster.sync.conversation import Outcome
from quartermaster.sync.errors import NeedsPassword, OtherHousehold, SyncFailure
from quartermaster.sync.keeping import config_of, keep
from quartermaster.sync.line import Server
from quartermaster.sync.room import Sync
from quartermaster.ui.calls import Calls, Shown
from quartermaster.ui.dialogs.ask import ask
from quartermaster.ui.joining import preview_together, put_both_together, replace_theirs, take_theirs
from quartermaster.ui.parts.join_choice import JoinChoice, together_words
from quartermaster.ui.parts.server_form import ServerDraft, ServerForm, read_address
from quartermaster.ui.parts.snackbar import say, say_next
from quartermaster.ui.parts.tags import Tag, el
from quartermaster.ui.sync_words import waiting


class Connecting:
    """`drawn` is called when the connection is another one than before, on a page that stays."""

    def __init__(self, calls: Calls, sync: Sync, *, drawn: Callable[[], None]) -> None:
        self._calls, self._sync, self._drawn = calls, sync, drawn
        self.is_busy = False

    def form(
        self,
        *,
        do: str,
        known: Server | None = None,
        only_password: bool = False,
        cancel: Callable[[], None] | None = None,
    ) -> None:
        """Draw the form here, and beneath it the choice where the server keeps another household."""
        form: ServerForm

        async def submit(draft: ServerDraft) -> None:
            place.clear()
            form.busy("Connecting…")
            async with self._trying(form.refused):
                server = await self._server(draft, known)
                try:
                    with self._staying():
                        outcome = await self._sync.connect(server, watch=form.progress.show)
                except OtherHousehold as other:
                    with place:
                        await self._choose(server, other)
                else:
                    await self._exchanged(server, outcome)
            form.progress.show(None)
            form.busy(None)

        form = ServerForm(submit, do=do, known=known, only_password=only_password, cancel=cancel)
        place = el("div")

    def choose(self, server: Server, other: OtherHousehold) -> None:
        """Draw the choice here, for a connection that is kept already."""
        place = el("div")
        self._calls.live.soon(partial(self._choose_in, place, server, other))

    async def _choose_in(self, place: Tag, server: Server, other: OtherHousehold) -> None:
        if not place.is_deleted:
            with place:
                await self._choose(server, other)

    async def _server(self, draft: ServerDraft, known: Server | None) -> Server:
        """What was typed as a server; a password that was left out stays as it was. Raises Refused."""
        url, folder = read_address(draft.url), config_of(self._calls.place.database).parent
        typed = signed_in(Server(url=url, user=draft.user, password=draft.password), known)
        if known is not None and draft.authority is None:
            return replace(typed, ca_file=known.ca_file)
        authority = await self._calls.off_the_loop(partial(authority_file, draft.authority or "", folder))
        return replace(typed, ca_file=authority)

    async def _choose(self, server: Server, other: OtherHousehold) -> None:
        """Show both sides and the ways, and do what is chosen."""
        theirs = UUID(hex=str(other.details["household"]))
        choice: JoinChoice

        async def both() -> None:
            async with self._trying(choice.refused, choice):
                seen = await preview_together(self._calls, server, theirs, choice.progress.show)
                choice.progress.show(None)
                if await ask("Put both together?", *together_words(seen), do="Put together"):
                    done = await put_both_together(self._calls, self._sync, server, theirs, choice.progress.show)
                    await self._connected(server, f"{done.postings:,} postings of this device were added", joined=True)

        async def take() -> None:
            if await ask("Use the server's household?", "This device's own is kept as a backup.", do="Use it"):
                async with self._trying(choice.refused, choice):
                    before = await take_theirs(self._calls, self._sync, server, theirs, choice.progress.show)
                    await self._connected(server, f"what was here is kept as {before.path.name}", joined=True)

        async def replacing() -> None:
            said = "All devices of that server go on with what is here. The server keeps its own as a backup."
            if await ask("Replace the server's household?", said, do="Replace it", danger=True):
                async with self._trying(choice.refused, choice):
                    await replace_theirs(self._sync, server, theirs, choice.progress.show)
                    await self._connected(server, "the server has this device's household now", joined=False)

        mine = await self._calls.read(_census)
        choice = JoinChoice(mine, other.details.get("here"), both=both, take=take, replace=replacing)

    @asynccontextmanager
    async def _trying(self, refused: Shown, choice: JoinChoice | None = None) -> AsyncIterator[None]:
        """Say what goes wrong inside where it was typed or chosen; meanwhile nothing else is begun."""
        self.is_busy = True
        if choice is not None:
            choice.busy(on=True)
        with self._calls.told(refused):
            try:
                yield
            except SyncFailure as failure:
                at = "password" if isinstance(failure, NeedsPassword) else "url"
                raise Refused(failure.sentence, field=at) from failure
            finally:
                self.is_busy = False
                if choice is not None:
                    choice.progress.show(None)
                    choice.busy(on=False)

    @contextmanager
    def _staying(self) -> Iterator[None]:
        """Where the server's household moves in, the other pages begin anew at once. This one shows how it goes on."""
        staying, client = self._calls.live.staying, context.client.id
        staying.add(client)
        try:
            yield
        finally:
            staying.discard(client)

    async def _exchanged(self, server: Server, outcome: Outcome) -> None:
        said = f"{waiting(outcome.sent)} sent, {outcome.received:,} received"
        if not outcome.joined:
            await self._connected(server, said, joined=False)
            return
        await self._keep(server)
        say_next(f"Connected: {said}.")
        ui.navigate.to("/")

    async def _connected(self, server: Server, said: str, *, joined: bool) -> None:
        """Keep the connection; where the household is another one than before, all pages begin anew."""
        await self._keep(server)
        if joined:
            say_next(f"Connected: {said}.")
            await self._calls.became_another()
        else:
            say(f"Connected: {said}.")
            self._drawn()

    async def _keep(self, server: Server) -> None:
        if not self._sync.is_set_by_operator:
            await self._calls.off_the_loop(partial(keep, config_of(self._calls.place.database), server))


def _census(work: Work) -> Census:
    return census(work.connection)


def signed_in(typed: Server, known: Server | None) -> Server:
    """The server with the password that is known of it where none was typed, also one in a keyring that is locked."""
    if typed.password or known is None or (known.url, known.user) != (typed.url, typed.user):
        return typed
    return replace(typed, password=known.password, unlock=known.unlock)
