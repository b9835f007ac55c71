"""What only the toolkit under the window can do, where it can: GTK and Qt; on other systems pywebview's own way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

ICON = Path(__file__).with_name("icon.png")
NAME = "quartermaster"


def prepare(toolkit: str | None) -> None:
    """Before the window is made: the name by which the desktop finds its icon."""
    if toolkit == "gtk":
        from gi.repository import GLib

        GLib.set_prgname(NAME)
        GLib.set_application_name("Quartermaster")


def keep_to(window: Any, is_own: Callable[[str], bool]) -> None:
    """Never leave the program's own pages; the page's script sends other links to the browser before."""
    view = _view(window)
    if view is None:
        return

    def decide(_view: Any, decision: Any, _kind: Any) -> bool:
        action = getattr(decision, "get_navigation_action", lambda: None)()
        if action is None or is_own(action.get_request().get_uri()):
            return False
        decision.ignore()
        return True

    _on_gtk(lambda: view.connect("decide-policy", decide))


def when_the_page_crashes(window: Any, then: Callable[[], None]) -> None:
    """Call `then`, in the window's thread, whenever the process that draws the page has ended by itself."""
    if (view := _view(window)) is not None:
        _on_gtk(lambda: view.connect("web-process-terminated", lambda *_: then()))


def zoom(window: Any, factor: float) -> None:
    """Show the page at this size."""
    if (view := _view(window)) is not None:
        _on_gtk(lambda: view.set_zoom_level(factor))
    else:
        # Qt may be called from its own thread only, and others have no such call in pywebview. page.js hears of it.
        window.run_js(f"document.documentElement.style.zoom={factor};dispatchEvent(new Event('resize'))")


def to_front(window: Any, token: str) -> None:
    """Show the window above all others. `token` is the desktop's leave to do so, from the start that asks for it."""
    if _view(window) is None:
        # Where it is not minimized, to restore it would take from it that it fills the screen.
        if _is_minimized(window.native):
            window.restore()
        window.show()
        return

    def present() -> None:
        native = window.native
        if token:
            native.set_startup_id(token)
        native.deiconify()
        native.present_with_time(_now_of_display(native))

    _on_gtk(present)


def ask(window: Any, question: str, sentence: str, do: str | None) -> bool:
    """Whether the person wants that done; without anything to do, only told. Not in the thread of the window."""
    if _view(window) is None:
        return bool(window.create_confirmation_dialog(question, sentence))
    from gi.repository import Gtk

    answers: SimpleQueue[bool] = SimpleQueue()

    def show() -> None:
        dialog = Gtk.MessageDialog(
            title=question,
            text=question,
            secondary_text=sentence,
            message_type=Gtk.MessageType.QUESTION if do else Gtk.MessageType.WARNING,
            transient_for=window.native,
            modal=True,
            destroy_with_parent=True,
        )
        dialog.add_button("Cancel" if do else "Close", Gtk.ResponseType.CANCEL)
        if do:
            dialog.add_button(f"_{do}", Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.CANCEL)
        answers.put(dialog.run() == Gtk.ResponseType.OK)
        dialog.destroy()

    _on_gtk(show)
    return answers.get()


def geometry(window: Any) -> tuple[int, int, int, int, bool] | None:
    """Where the frame is, the size in it, and whether it is maximized. In the thread of the window.

    None while it is minimized: then systems have measures of their own.
    """
    shown = window.native
    if _view(window) is not None:
        return (*shown.get_position(), *shown.get_size(), shown.is_maximized())
    if hasattr(shown, "isMaximized"):
        return shown.x(), shown.y(), shown.width(), shown.height(), shown.isMaximized()
    if shown is None or _is_minimized(shown):
        return None
    if hasattr(shown, "contentRectForFrameRect_"):  # macOS: the frame has the title's height more
        size = shown.contentRectForFrameRect_(shown.frame()).size
        return window.x, window.y, round(size.width), round(size.height), bool(shown.isZoomed())
    return window.x, window.y, window.width, window.height, _state_on_windows(shown) == "Maximized"


def _is_minimized(shown: Any) -> bool:
    asked = (getattr(shown, name, None) for name in ("isMinimized", "isMiniaturized"))
    return any(ask() for ask in asked if ask) or _state_on_windows(shown) == "Minimized"


def _state_on_windows(shown: Any) -> str:
    return str(getattr(shown, "WindowState", ""))


def _view(window: Any) -> Any:
    """GTK's own view; None when another toolkit draws the window."""
    if getattr(window.gui, "renderer", "") != "gtkwebkit2":
        return None
    shown = window.gui.BrowserView.instances.get(window.uid)
    return shown.webview if shown else None


def _on_gtk(do: Callable[[], object]) -> None:
    from gi.repository import GLib

    def once() -> bool:
        do()
        return False

    GLib.idle_add(once)


def _now_of_display(native: Any) -> int:
    """The display's own time: with it the window manager takes the wish for a new one."""
    try:
        import gi

        gi.require_version("GdkX11", "3.0")
        from gi.repository import GdkX11

        return int(GdkX11.x11_get_server_time(native.get_window()))
    except (ImportError, ValueError, TypeError):
        return 0
