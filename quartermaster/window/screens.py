"""What the window shows when there is no page: as it opens, when it may not open, and when the server part is gone."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from string import Template

_MARK = (
    '<svg viewBox="0 0 26 26" aria-hidden="true"><path class="shield" d="M13 1 23.5 5v8.2c0 5.6-4.3 9.7-10.5 11.8'
    'C6.8 22.9 2.5 18.8 2.5 13.2V5Z"/><path class="lines" d="M7.5 9.2h11M7.5 13h11M7.5 16.8h6.5"/></svg>'
)
_FRAME = Template("""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>$title</title><style>
:root{color-scheme:light;--paper:#f6f4ee;--ink:#1e2422;--dim:#525a55;--accent:#23446b;--on:#fffdf8;--line:#c9c2b0}
@media(prefers-color-scheme:dark){:root{color-scheme:dark;--paper:#12161a;--ink:#eae7df;--dim:#b0b6b1;--accent:#8fb6e6;
--on:#0d1620;--line:#3d474e}}
body{margin:0;height:100vh;display:grid;place-content:center;justify-items:center;gap:18px;background:var(--paper);
color:var(--ink);font:16px/1.5 Inter,system-ui,sans-serif;text-align:center;cursor:default}
svg{width:76px;animation:come .25s}.shield{fill:var(--accent)}.lines{stroke:var(--on);stroke-width:1.9}
@keyframes come{from{opacity:0}}@media(prefers-reduced-motion:reduce){svg{animation:none}}
h1{font-size:22px;margin:0}p{margin:0;max-width:34em;padding:0 24px;color:var(--dim);overflow-wrap:anywhere}
div{display:flex;gap:12px}button{font:inherit;padding:8px 18px;border-radius:8px;border:1px solid var(--line);
background:none;color:inherit}button.pri{background:var(--accent);border-color:var(--accent);color:var(--on)}
button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}code{user-select:all;font-size:14px}
</style><script>
// A button may be pressed before the desk is there.
const ask = (name) => {
  const call = () => pywebview.api[name]();
  if (window.pywebview?.api?.[name]) call(); else addEventListener("pywebviewready", call, { once: true });
};
</script></head><body>$mark<h1>$title</h1>$rest</body></html>""")


@dataclass(frozen=True, slots=True)
class Screen:
    """A page that needs no server."""

    title: str
    html: str


def opening() -> Screen:
    """The splash: there from the first moment, until the page is."""
    return _screen("Quartermaster", "<p>Opening…</p>")


def refused(sentence: str) -> Screen:
    """The household cannot be opened."""
    return _screen("Quartermaster cannot open", f"<p>{escape(sentence)}</p>{_buttons('close')}")


def gone(log: str) -> Screen:
    """The server part ended by itself."""
    rest = (
        "<p>The part of Quartermaster that keeps your data has ended unexpectedly. What you saved is safe.</p>"
        f"<p>What happened is in the log:<br><code>{escape(log)}</code></p>{_buttons('start_again', 'close')}"
    )
    return _screen("Quartermaster has stopped", rest)


def crashing() -> Screen:
    """A page cannot be drawn, again and again."""
    rest = (
        "<p>The process that draws the pages ends whenever it is started. A full disk does that, and too little memory."
        "</p><p>What you saved is safe. Make room, then open Quartermaster again.</p>"
    )
    return _screen("Quartermaster cannot show its pages", f"{rest}{_buttons('close')}")


_WORDS = {"start_again": "Start again", "close": "Close"}


def _buttons(*names: str) -> str:
    """Each calls the function of its name in quartermaster/window/desk.py."""
    made = (
        f'<button {"class=pri autofocus " if not index else ""}name={name} onclick="ask(name)">{_WORDS[name]}</button>'
        for index, name in enumerate(names)
    )
    return f"<div>{''.join(made)}</div>"


def _screen(title: str, rest: str) -> Screen:
    return Screen(title, _FRAME.substitute(title=escape(title), mark=_MARK, rest=rest))
