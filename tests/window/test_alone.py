"""Only the window may talk to its server part, and the two talk to nobody else."""

from __future__ import annotations

import http.client
import subprocess
import sys
from pathlib import Path
from secrets import token_urlsafe

import pytest

from quartermaster.window.guard import COOKIE, ENTRANCE, own_page
from quartermaster.window.part import Ready, ServerPart
from quartermaster.window.serving import Orders
from tests.running import CHECKOUT, WITHIN_S, environment, opened_by
from tests.window.opened import Opened
from tests.window.screen import skip_or_fail


def asked(port: int, path: str, **headers: str) -> int:
    """The status that another program of this machine gets."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    status = connection.getresponse().status
    connection.close()
    return status


def listening(window: Opened) -> int:
    """The one port of the program, and that it is loopback's."""
    sockets = opened_by(window.server_part())
    tables = [Path(f"/proc/net/{name}").read_text(encoding="ascii").splitlines()[1:] for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    [mine] = [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
    address, _, port = mine.partition(":")
    assert address == "0100007F"
    return int(port, 16)


def test_another_program_or_page_gets_403_whatever_it_asks_for(window: Opened) -> None:
    with window:
        window.until_titled("Plan · Quartermaster")
        port = listening(window)
        for path in ("/", "/healthz", "/metrics", "/settings", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
            assert asked(port, path) == 403
            assert asked(port, path, cookie=f"{COOKIE}={token_urlsafe(32)}") == 403
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
        socket = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
        assert asked(port, socket, **upgrade, Sec_WebSocket_Key="MDEyMzQ1Njc4OWFiY2RlZg==") == 403
        assert asked(port, f"{ENTRANCE}?key=&to=/") == 403
        assert asked(port, f"{ENTRANCE}?key={token_urlsafe(32)}&to=/") == 403
        assert asked(port, "/", origin="https://evil.example", host=f"127.0.0.1:{port}") == 403
        assert window.close() == 0
    kept = b"".join(path.read_bytes() for path in window.folder.rglob("*") if path.is_file())
    assert b"nicegui" in kept  # what the webview keeps was read
    assert COOKIE.encode() not in kept
    assert "key=" not in window.log


def test_the_key_works_once_and_is_neither_on_a_command_line_nor_in_the_log(tmp_path: Path, served: ServerPart) -> None:
    key, badge, log = token_urlsafe(32), token_urlsafe(32), tmp_path / "log"
    served.order(Orders(key=key, badge=badge, log=str(log), lock=str(tmp_path / "lock")))
    said = served.hear()
    assert isinstance(said, Ready)
    assert asked(said.port, "/") == 403
    assert asked(said.port, f"{ENTRANCE}?key={key}&to=//evil.example/") == 303
    assert asked(said.port, f"{ENTRANCE}?key={key}&to=/") == 403
    assert asked(said.port, "/", cookie=f"other=1; {COOKIE}={badge}") == 200
    assert asked(said.port, "/", cookie=f"{COOKIE}={badge[:-1]}") == 403
    folder = Path(f"/proc/{served.pid}")
    told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes() + log.read_bytes()
    assert b"http_request" in told
    assert key.encode() not in told
    assert badge.encode() not in told


@pytest.mark.parametrize(
    ("asked_for", "page"),
    [
        ("/month/2026-05", "/month/2026-05"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_the_entrance_leads_to_own_pages_alone(asked_for: str, page: str) -> None:
    assert own_page(asked_for) == page


def test_everything_works_without_a_network_and_nothing_tries_to_reach_one(tmp_path: Path) -> None:
    skip_or_fail()
    if subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("`unshare --net --mount` needs an administrator's rights")
    # A name server that is not on this machine: asking it for a name is a try to leave, and is counted.
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.53\n", encoding="ascii")
    inside = (
        f"ip link set lo up && mount --bind {tmp_path}/resolv.conf /etc/resolv.conf"
        f" && exec {sys.executable} -m tests.window.without_network {tmp_path}"
    )
    ran = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", inside],
        cwd=CHECKOUT,
        env={**environment(tmp_path), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=5 * WITHIN_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "It works, and nothing tried to leave."
