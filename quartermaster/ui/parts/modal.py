"""A native dialog: the browser opens it at once, holds the focus in it and closes it on Esc."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from quartermaster.ui.icons import icon
from quartermaster.ui.parts.tags import Tag, button, el

SCRIPT = (
    "<script>"
    'const qmUntouched=(f)=>f.querySelectorAll("[data-by-hand]").forEach((i)=>i.removeAttribute("data-by-hand"));\n'
    "const qmPut=([id,text])=>{const i=document.getElementById(id);"
    'if(i){i.value=text;i.removeAttribute("data-by-hand")}};'
    'const qmOffer=(put)=>{if(!document.getElementById(put[0])?.hasAttribute("data-by-hand"))qmPut(put)};\n'
    'addEventListener("change",(e)=>{if(e.target.closest("dialog"))'
    'e.target.toggleAttribute("data-by-hand",e.target.value!=="")});'
    'addEventListener("reset",(e)=>qmUntouched(e.target));\n'
    "const qmOpen=(id)=>{const d=document.getElementById(id);"
    'if(!d||document.querySelector("dialog[open]"))return false;qmUntouched(d);d.showModal();'
    'd.querySelector("[data-select]")?.select();emitEvent("opened",id);return true};\n'
    'addEventListener("click",(e)=>{const o=e.target.closest("[data-opens]"),c=e.target.closest("[data-closes]");'
    "if(o)qmOpen(o.dataset.opens);"
    'else if(c||e.target.matches("dialog[data-light]"))e.target.closest("dialog").close()});\n'
    'addEventListener("keydown",(e)=>{const c=e.ctrlKey||e.metaKey,k=(e.key||"").toLowerCase(),'
    't=e.altKey||document.querySelector("dialog[open]")||'
    '((!c||"zy".includes(k))&&e.target.matches("input,textarea,select,[contenteditable]")),b=t?null:document.querySelector('
    '`[data-key~="${c?"ctrl+":""}${c&&e.shiftKey?"shift+":""}${CSS.escape(k)}"]`);if(b){e.preventDefault();b.click()}});\n'
    'addEventListener("keydown",(e)=>{const s=e.target;if(e.key==="Enter"&&s.matches("form select")&&'
    '!(CSS.supports("selector(:open)")&&s.matches(":open"))){e.preventDefault();s.form.requestSubmit()}});\n'
    "let qmHeld=null,qmHolding;"
    'addEventListener("click",(e)=>{if(e.target.closest("[data-holds]:not([aria-expanded=true])"))'
    '{qmHeld="";clearTimeout(qmHolding);qmHolding=setTimeout(()=>qmHeld=null,1500)}});'
    'addEventListener("keydown",(e)=>{if(qmHeld!==null&&e.key.length===1&&!(e.ctrlKey||e.metaKey||e.altKey))'
    "{qmHeld+=e.key;e.preventDefault();e.stopImmediatePropagation()}},true);"
    "const qmType=(id,all)=>{const i=getHtmlElement(id);"
    "if(!i.form?.contains(document.activeElement)){i.focus();if(all)i.select()}"
    'if(qmHeld)document.execCommand("insertText",false,qmHeld);qmHeld=null};'
    "</script>"
)
"""Listeners for all pages: `data-opens` and `data-closes` on buttons, and `data-key` for the keys that click one.
Where something is typed, letters are letters, and Ctrl+Z is the field's own. `qmOpen` says whether it opened
the dialog: only one is open at a time. Enter in a choice sends its form, as it does in every other field.

`data-holds` is for buttons that make the server draw a field: what is typed before it is there is held, and `qmType`
puts it in, and takes the focus unless the person is in another field of its form already. A field with `data-select`
is selected as its dialog opens: in the browser, before the first letter can be typed.

What somebody chose in a dialog, since it opened or was emptied, is marked at once, `data-by-hand`: `qmOffer` leaves it.
"""


@contextmanager
def modal(id: str, title: str, *, classes: str = "") -> Iterator[Tag]:
    """A titled dialog, opened by any button with `data_opens=id`; its body is the context."""
    with el("dialog", classes, id=id, aria_labelledby=f"{id}-title", data_light="") as dialog:
        with el("div", "dhead"):
            el("h2", text=title, id=f"{id}-title")
            with button("", "iconbtn", data_closes="", aria_label="Close"):
                icon("close")
        with el("div", "dbody"):
            yield dialog
