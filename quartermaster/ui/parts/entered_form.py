"""A form that is emptied in the browser at Enter, for the next one, while the one that was sent is saved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

from nicegui.events import GenericEventArguments

from quartermaster.ui.calls import Calls
from quartermaster.ui.drafts import Draft, form_fields
from quartermaster.ui.parts.tags import Tag

Save = Callable[[dict[str, str], UUID], Awaitable[None]]
Refused = Callable[[dict[str, str], str, str | None], None]


class EnteredForm:
    """Emptying the fields from here would eat what is typed meanwhile, and would come late for a second Enter.

    `typed` are the fields that a person types, the first of which takes the cursor: a form without a word in them is
    not sent. `save` takes the fields and an id, the same one for an Enter that is sent again, and may raise Refused;
    then `refused` takes the fields, the sentence and the field that it is about, and puts them back. `begin` is called
    before each try.
    """

    def __init__(
        self,
        calls: Calls,
        form: Tag,
        draft: str,
        typed: Collection[str],
        *,
        begin: Callable[[], None],
        save: Save,
        refused: Refused,
    ) -> None:
        self._calls, self._typed = calls, tuple(typed)
        self._begin, self._save, self._refused = begin, save, refused
        self._ids: dict[str, UUID] = {}
        self.draft = Draft(draft, needs=typed)
        self.draft.watch(form)
        form.on("submit.prevent", self._submitted, js_handler=f'(e) => qmEnter(e, "{self._typed[0]}", emit)')

    async def _submitted(self, event: GenericEventArguments) -> None:
        fields = form_fields(event.args)
        token = fields.pop("token", "")
        if any(fields.get(name, "").strip() for name in self._typed):
            self.draft.sent(fields)
            self._begin()
            with self._calls.told(lambda sentence, at: self._put_back(fields, sentence, at)):
                await self._save(fields, self._ids.setdefault(token, self._calls.store.new_id()))
        self.draft.heard(token)

    def _put_back(self, fields: dict[str, str], sentence: str, at: str | None) -> None:
        self._refused(fields, sentence, at)
        self.draft.refused(fields)
