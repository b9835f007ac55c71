"""What is being typed, kept per person on the server: a forced reload or a restart brings it back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from quartermaster.ui.parts.tags import Tag
from quartermaster.ui.person import person

KEPT = "drafts"
THROTTLE_S = 0.4
LONGEST = 20_000
LONGEST_KEY = 200
MOST_KEPT = 60
UNDER = "under"
FORM_DATA = "(e) => emit(Object.fromEntries(new FormData(e.target.form ?? e.currentTarget)))"
"""A handler for `input` and `submit`: the form's fields by name."""
FIELD = "typed"
FIELD_DATA = f"(e) => emit({{{FIELD}: e.target.value}})"
SCRIPT = (
    "<script>"
    "const qmSent=new Map();"
    "const qmEnter=(e,first,emit)=>{if(!window.socket?.connected)return;const f=e.target,"
    "d=Object.fromEntries(new FormData(f)),t=Date.now().toString(36)+Math.random().toString(36).slice(2);"
    "qmSent.set(t,[f.dataset.kept,d]);f.reset();f.elements[first].focus();emit({...d,token:t})};\n"
    'addEventListener("pagehide",()=>{const k=Object.fromEntries(qmSent.values());'
    'for(const f of document.querySelectorAll("[data-kept]"))'
    "if((f.elements?[...f.elements]:[f]).some((i)=>(i.defaultValue??i.value)!==i.value))"
    f"k[f.dataset.kept]=f.elements?Object.fromEntries(new FormData(f)):{{{FIELD}:f.value}};"
    "if(Object.keys(k).length)sessionStorage.kept=JSON.stringify(k)});\n"
    'addEventListener("load",()=>{const k=sessionStorage.kept;'
    'if(k){delete sessionStorage.kept;emitEvent("kept",JSON.parse(k))}});\n'
    "let qmAt=null;const qmTyped=new Map();"
    'addEventListener("focusin",(e)=>{qmAt=e.target});addEventListener("input",(e)=>{qmTyped.set(e.target.id,e.target)},true);'
    'addEventListener("pointerdown",(e)=>{if(!qmAt?.contains(e.target))qmAt=null},true);'
    'addEventListener("keydown",(e)=>{if(e.key==="Tab")qmAt=null},true);'
    'addEventListener("focusout",(e)=>{const f=e.target;'
    "setTimeout(()=>{if(qmAt===f&&document.activeElement!==f)qmAt=null})});\n"
    "new MutationObserver(()=>{for(const [id,f] of qmTyped){const g=f.isConnected?f:document.getElementById(id);"
    "if(!g)qmTyped.delete(id);else if(g!==f){g.value=f.value;qmTyped.set(id,g)}}"
    "const o=qmAt,n=o?.isConnected?o:document.getElementById(o?.id);if(n&&document.activeElement===document.body)"
    "{n.focus();if(n.setSelectionRange&&o.selectionStart!==null)n.setSelectionRange(o.selectionStart,o.selectionEnd)}"
    "}).observe(document,{childList:true,subtree:true});\n"
    "const qmLeft=(e,emit)=>{const f=e.target,go=()=>emit(f.value);"
    "if(e.relatedTarget||!document.hasFocus()||qmAt!==f)go();"
    "else setTimeout(()=>{if(f.isConnected&&document.activeElement!==f)go()},300)};"
    "</script>"
)
"""For the head of every page. A page that goes while the server is away takes what it did not hear of along, in
its tab; the next page hands it over. `qmEnter` is the submit of a form that is emptied for the next one at once: it
does nothing without a connection, and what it sent counts as typed until `Draft.heard`.

`qmAt` is where the keyboard is, until the person goes elsewhere. A row that moves loses the focus, and in another
section it is drawn anew: what was typed and the focus are brought back at once, before the next letter. `qmLeft`, for a
field that saves when it is left, tells a person who leaves from a row that moves.
"""
LEFT = "(e) => qmLeft(e, emit)"
"""A handler for `blur`: what stands in the field, once the person left it."""


class Draft:
    """The fields of one form, by name. `key` says which form: one per place where something is typed.

    `needs` are the fields that a person types; what stands in the others alone is not worth keeping.
    """

    def __init__(self, key: str, *, needs: Collection[str] = ()) -> None:
        self.key = key
        self._needs = needs
        self._sent: dict[str, str] | None = None

    @property
    def fields(self) -> dict[str, str]:
        """What was typed and not yet sent; for `defaultValue`."""
        kept = person().get(KEPT, {}).get(self.key, {})
        return {str(name): str(text) for name, text in kept.items()}

    def watch(self, form: Tag) -> None:
        """Keep what is typed into this form, a little after each pause."""
        self._watch(form, FORM_DATA)

    def watch_field(self, field: Tag) -> None:
        """The same for a field without a form; it is kept under the name `FIELD`."""
        self._watch(field, FIELD_DATA)

    def _watch(self, tag: Tag, handler: str) -> None:
        tag.set(data_kept=self.key)
        tag.on(
            "input", self._typed, throttle=THROTTLE_S, leading_events=False, trailing_events=True, js_handler=handler
        )

    def keep(self, fields: Mapping[str, str]) -> None:
        """Keep these fields. The late event that repeats what was just sent is ignored."""
        said = {name: text for name, text in fields.items() if text and len(text) <= LONGEST}
        if said == self._sent:
            return
        self._sent = None
        if said and (not self._needs or any(said.get(name, "").strip() for name in self._needs)):
            kept = person().setdefault(KEPT, {})
            kept[self.key] = said
            for oldest in list(kept)[:-MOST_KEPT]:
                del kept[oldest]
        else:
            self.drop()

    def sent(self, fields: Mapping[str, str]) -> None:
        """It was saved: nothing is left to bring back."""
        self._sent = {name: text for name, text in fields.items() if text}
        self.drop()

    def refused(self, fields: Mapping[str, str]) -> None:
        """It was not saved, and stands in the fields again."""
        self._sent = None
        self.keep(fields)

    def heard(self, token: str) -> None:
        """The Enter with this token was dealt with: saved, or refused and put back into the fields."""
        ui.run_javascript(f"qmSent.delete({json.dumps(token)})")

    def drop(self) -> None:
        """What was typed is not wanted any more."""
        person().get(KEPT, {}).pop(self.key, None)

    def _typed(self, event: GenericEventArguments) -> None:
        self.keep(form_fields(event.args))


def take_over(brought: Any) -> bool:
    """Keep what a page that went took along; whether there was anything that was not kept already."""
    if not isinstance(brought, dict):
        return False
    before: dict[str, object] = dict(person().get(KEPT, {}))
    for key, fields in brought.items():
        Draft(str(key)[:LONGEST_KEY]).keep(form_fields(fields))
    return before != dict(person().get(KEPT, {}))


def under(record: UUID, *what: object) -> str:
    """The key of something that is typed beneath an open row."""
    return "/".join((UNDER, str(record), *(str(part) for part in what)))


def typed_under(records: Collection[UUID]) -> UUID | None:
    """The one of these records beneath whose row something was typed and not sent."""
    names = {str(record): record for record in records}
    parts = (key.split("/") for key in person().get(KEPT, {}))
    return next((names[key[1]] for key in parts if key[0] == UNDER and key[1] in names), None)


def typed_below(record: UUID, what: str) -> list[UUID]:
    """The records beneath this one's row, of what sort, that were being edited."""
    beginning = under(record, what) + "/"
    return [UUID(key.removeprefix(beginning)) for key in person().get(KEPT, {}) if key.startswith(beginning)]


def form_fields(data: Any) -> dict[str, str]:
    """The text fields of what a form sent; a browser can send anything."""
    if not isinstance(data, dict):
        return {}
    return {str(name): text for name, text in data.items() if isinstance(text, str)}
