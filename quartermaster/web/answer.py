"""An answer on its way out: plain ASGI."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Message, Send


class Answer:
    """Stands in for `send`: remembers the status, 500 until there is one, and adds the headers that are not there."""

    def __init__(self, send: Send, headers: Mapping[bytes, bytes] | None = None) -> None:
        self._send, self._headers = send, headers or {}
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            present = {name.lower() for name, _ in message["headers"]}
            added = [(name, value) for name, value in self._headers.items() if name not in present]
            message = {**message, "headers": [*message["headers"], *added]}
        await self._send(message)
