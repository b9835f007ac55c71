"""A button that lets the person choose a file of their own, and brings it here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import events, ui
from nicegui.elements.upload_files import FileUpload

from quartermaster.ui.parts.tags import Tag, button, in_its_place

Chosen = Callable[[FileUpload], Awaitable[None]]


def file_choice(text: str, *, accept: str, most_bytes: int, chosen: Chosen, too_large: Callable[[], None]) -> Tag:
    """The desktop's dialog asks. `accept` names endings, such as `.csv`; what is larger than `most_bytes` is not sent.

    The same file may be chosen again at once.
    """

    async def arrived(event: events.UploadEventArguments) -> None:
        upload.reset()
        await chosen(event.file)

    upload = ui.upload(
        auto_upload=True, max_file_size=most_bytes, on_upload=in_its_place(arrived), on_rejected=too_large
    )
    upload.props(f'accept="{accept}"').style("display:none")
    opens = f"() => runMethod({upload.id}, 'pickFiles', [])"
    return button(text).on("click", js_handler=opens)
