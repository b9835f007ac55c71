"""Asks the running server how it is: what `quartermaster health` and the container's health check do."""

from __future__ import annotations

import http.client

WITHIN_S = 5.0
_THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what is listened on, not where we listen


def probed(host: str, port: int) -> tuple[bool, str]:
    """Whether the server that listens there is well, and what it said or why it said nothing."""
    host = _THIS_MACHINE.get(host, host)
    connection = http.client.HTTPConnection(host, port, timeout=WITHIN_S)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        said = answer.read(200).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return False, f"{host} does not answer on port {port}: {error or type(error).__name__}."
    finally:
        connection.close()
    return answer.status == http.client.OK, f"{answer.status} {said}"
