"""The form that names a server: its address, who one is there, and the certificate of a private authority."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from nicegui.events import GenericEventArguments

from quartermaster.domain.errors import Refused
from quartermaster.sync.authority import FIELD as AUTHORITY
from quartermaster.sync.line import Server
from quartermaster.ui.drafts import FORM_DATA, form_fields
from quartermaster.ui.icons import icon
from quartermaster.ui.parts.field import Field, field
from quartermaster.ui.parts.sync_facts import Progress
from quartermaster.ui.parts.tags import button, el

INTO_THE_FIELD = f"(e) => e.target.files[0]?.text().then((t) => e.target.form.elements.{AUTHORITY}.value = t)"
"""What a chosen file holds is put where it could have been pasted."""
KEPT_WHERE = (
    "Name and password are those that the server, or the proxy in front of it, asks for. "
    "The password is kept in this system's keyring, or else in a file that only you can read."
)


@dataclass(frozen=True, slots=True)
class ServerDraft:
    """What was typed; `authority` is None where it was not asked for."""

    url: str
    user: str
    password: str
    authority: str | None


class ServerForm:
    """`submit` takes what was typed; `known` fills the form, and with `only_password` its address stays.

    `cancel`, where it is given, is offered beside the button that says `do`.
    """

    def __init__(
        self,
        submit: Callable[[ServerDraft], Awaitable[None]],
        *,
        do: str,
        known: Server | None = None,
        only_password: bool = False,
        cancel: Callable[[], None] | None = None,
    ) -> None:
        self._submit, self._do, self._known = submit, do, known
        typed = {"url": known.url, "user": known.user} if known else {}
        self._fields: dict[str, Field] = {}
        with el("form", "connect", novalidate=True) as form:
            if not only_password:
                self._fields["url"] = field(
                    "Address", "url", typed, placeholder="https://budget.example.org", type="url"
                )
            with el("div", "two"):
                self._fields["user"] = field("Name", "user", typed, autocomplete="username")
                self._fields["password"] = field(
                    "Password", "password", {}, type="password", autocomplete="current-password"
                )
            if not only_password:
                self._draw_authority(known)
                el("p", "hintline", KEPT_WHERE)
            self.progress = Progress()
            with el("div", "dfoot"):
                self._button = el("button", "btn pri", do, type="submit")
                if cancel is not None:
                    button("Cancel", "btn quiet").on("click", cancel, args=[])
        form.on("submit.prevent", self._submitted, js_handler=FORM_DATA)

    def refused(self, sentence: str, at: str | None) -> None:
        """Show why not, beside the field that must change."""
        there = at if at in self._fields else next(iter(self._fields))
        if there == AUTHORITY:
            self._authority.set(open=True)
        self._fields[there].refuse(sentence, focus=True)

    def busy(self, said: str | None) -> None:
        """Say what is going on, and take nothing meanwhile; None: it is over."""
        if not self._button.is_deleted:
            self._button.set(disabled=True if said else None)
            self._button.set_text(said or self._do)

    def _draw_authority(self, known: Server | None) -> None:
        path = str(known.ca_file) if known and known.ca_file else ""
        with el("details", "authority", open=True if path else None) as self._authority:
            with el("summary"):
                el("span", text="The server's certificate is from an authority of your own")
                icon("right", 12)
            self._fields[AUTHORITY] = field(
                "The authority's certificate (PEM), or the path of a file that holds it", AUTHORITY, {AUTHORITY: path},
                tag="textarea", classes="pem", spellcheck="false", rows="4",
            )  # fmt: skip
            with el("label", "btn quiet choosefile"):
                el("span", text="Choose a file…")
                chosen = el("input", "unseen", type="file", accept=".pem,.crt,.cer")
            chosen.on("change", js_handler=INTO_THE_FIELD)

    async def _submitted(self, event: GenericEventArguments) -> None:
        fields = form_fields(event.args)
        for one in self._fields.values():
            one.refuse("")
        url = self._known.url if self._known and "url" not in self._fields else fields.get("url", "")
        said = ServerDraft(url, fields.get("user", "").strip(), fields.get("password", ""), fields.get(AUTHORITY))
        await self._submit(said)


def read_address(typed: str) -> str:
    """The address of a server as it is typed. Raises Refused."""
    address = typed.strip().rstrip("/")
    if address and "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        # With a password in it, that would be shown wherever the address is.
        more = "@" in parts.netloc or parts.query or parts.fragment
        known = parts.scheme in ("http", "https") and parts.hostname and not more
    except ValueError:
        known = False
    if not known:
        raise Refused("Type the server's address, such as https://budget.example.org.", field="url")
    return address
