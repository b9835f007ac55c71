"""Who may ask: host names, origins of writes and websockets, the headers of answers, and files that are nobody's."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from quartermaster.settings import Settings
from quartermaster.storage.backup import back_up
from tests.running import WITHIN_S, Program

PUBLIC = "https://budget.example.org"
NAMED = {"QUARTERMASTER_PUBLIC_URL": PUBLIC, "QUARTERMASTER_ALLOWED_HOSTS": "nas.local, 10.0.0.5"}
ANY = {"QUARTERMASTER_ALLOWED_HOSTS": "*"}
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport="
FOREIGN = [
    "https://evil.example",
    "null",
    "http://127.0.0.1:1",
    "http://{host}.evil.example",
    "http://evil.example/{host}",
    "http://[",
    "\xff",
]
CLIMBING = [
    "..",
    "../app.py",
    "%2e%2e/app.py",
    "..%2fapp.py",
    "%2e%2e%2fapp.py",
    "..%5capp.py",
    "....//app.py",
    "%252e%252e/app.py",
    "../../../../../../../../etc/passwd",
    "%2e%2e/" * 12 + "etc/passwd",
    "//etc/passwd",
    "%2fetc%2fpasswd",
    "%00",
    "quartermaster.css%00.woff2",
    "../" * 12 + "{data}/quartermaster.db",
    "%2e%2e%2f" * 12 + "{data}/browsers.secret",
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server to which nothing was said about addresses."""
    with Program(tmp_path_factory.mktemp("plain")) as program:
        yield program


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server behind a proxy, with a public address and two more names."""
    with Program(tmp_path_factory.mktemp("behind"), env=dict(NAMED)) as program:
        yield program


def host_of(program: Program) -> str:
    return program.url.removeprefix("http://")


def asked(
    program: Program, path: str = "/settings", method: str = "GET", **headers: str | None
) -> tuple[int, dict[str, str], bytes]:
    """What is answered to a request whose path and headers go out as they are: no client mends them."""
    address, _, port = host_of(program).partition(":")
    named = {"Host": host_of(program), "Connection": "close", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value is not None]
    with socket.create_connection((address, int(port)), timeout=WITHIN_S) as connection:
        connection.sendall("\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1"))
        received = b""
        # A websocket that was opened says nothing more by itself.
        while not received.startswith(b"HTTP/1.1 101") and (more := connection.recv(65_536)):
            received += more
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    return int(status.split()[1]), {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}, body


def opened(program: Program, **headers: str) -> int:
    """101 when a websocket opens under these headers."""
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
    return asked(program, f"{SOCKET}websocket", Sec_WebSocket_Key="x" * 22 + "==", **{**upgrade, **headers})[0]


def written(program: Program, **headers: str) -> int:
    return asked(program, "/nothing-here", "POST", Content_Length="0", **headers)[0]


def polled(program: Program, **headers: str) -> int:
    """The way without a websocket: what NiceGUI's script falls back to."""
    return asked(program, f"{SOCKET}polling", **headers)[0]


@pytest.mark.parametrize("origin", FOREIGN)
def test_writes_and_sockets_of_other_sites_pages_are_refused(origin: str, plain: Program, behind: Program) -> None:
    for program in (plain, behind):
        headers = {"Origin": origin.format(host=host_of(program))}
        assert (written(program, **headers), polled(program, **headers), opened(program, **headers)) == (403, 403, 403)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_writes_and_sockets_of_its_own_pages_are_let_in(scheme: str, plain: Program) -> None:
    for host in (host_of(plain), host_of(plain).replace("127.0.0.1", "localhost")):
        headers = {"Host": host, "Origin": f"{scheme}://{host}"}
        assert (written(plain, **headers), polled(plain, **headers), opened(plain, **headers)) == (404, 200, 101)


def test_programs_that_are_no_browser_send_no_origin_and_are_let_in(plain: Program) -> None:
    assert (written(plain), polled(plain), opened(plain)) == (404, 200, 101)


def test_another_sites_page_may_link_here(plain: Program) -> None:
    assert asked(plain, "/", Origin="https://evil.example", Referer="https://evil.example/")[0] == 200


def test_the_public_address_is_an_origin_whatever_host_the_proxy_passes_on(behind: Program) -> None:
    for host in (host_of(behind), "budget.example.org", "BUDGET.example.org"):
        headers = {"Host": host, "Origin": PUBLIC}
        assert (written(behind, **headers), polled(behind, **headers), opened(behind, **headers)) == (404, 200, 101)
    wrong = {"Host": host_of(behind), "Origin": PUBLIC.replace("https", "http")}
    assert (written(behind, **wrong), opened(behind, **wrong)) == (403, 403)


def test_a_page_of_the_public_name_that_came_unencrypted_is_another_sites(behind: Program) -> None:
    headers = {"Host": "budget.example.org", "Origin": "http://budget.example.org"}
    assert (written(behind, **headers), polled(behind, **headers), opened(behind, **headers)) == (403, 403, 403)


@pytest.mark.parametrize(
    ("public", "origin"),
    [
        ("https://budget.example.org:443/", "https://budget.example.org"),
        ("http://Budget.example.org:80", "http://budget.example.org"),
        ("https://budget.example.org:80", "https://budget.example.org:80"),
        ("https://budget.example.org:8443", "https://budget.example.org:8443"),
        ("https://[2001:db8::443]", "https://[2001:db8::443]"),
        ("", ""),
    ],
)
def test_the_public_address_is_compared_as_browsers_say_it(public: str, origin: str) -> None:
    assert Settings(public_url=public).origin == origin


def test_without_a_public_address_its_name_is_a_strangers(plain: Program) -> None:
    assert opened(plain, Host=host_of(plain), Origin=PUBLIC) == 403
    assert asked(plain, Host="budget.example.org")[0] == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "localhost:1"])
def test_a_server_answers_to_the_names_of_this_machine(host: str, plain: Program, behind: Program) -> None:
    assert [asked(program, Host=host)[0] for program in (plain, behind)] == [200, 200]


@pytest.mark.parametrize("host", ["budget.example.org", "nas.local", "NAS.local:8080", "10.0.0.5"])
def test_a_server_answers_to_the_names_that_it_was_told(host: str, plain: Program, behind: Program) -> None:
    assert [asked(program, Host=host)[0] for program in (plain, behind)] == [403, 200]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "x.nas.local", "[", "", "a b", "\xff"]
)
def test_any_other_name_is_refused_everywhere(host: str, plain: Program, behind: Program) -> None:
    for program in (plain, behind):
        for path in ("/", "/settings", _stylesheet(program), f"{SOCKET}polling"):
            status, _, said = asked(program, path, Host=host)
            assert status == 403
            assert said == b"This address or page is not known here. See QUARTERMASTER_PUBLIC_URL."
        assert opened(program, Host=host) == 403
        assert asked(program, "/healthz", Host=host)[0] == 200
        assert not [line for line in program.stdout if "Traceback" in line]


def test_a_request_without_a_name_is_refused(plain: Program) -> None:
    assert asked(plain, Host=None)[0] in (400, 403)


def test_a_star_lets_every_name_in_and_still_no_other_sites_page(tmp_path: Path) -> None:
    with Program(tmp_path, env=dict(ANY)) as program:
        assert asked(program, Host="whatever.example:81")[0] == 200
        assert opened(program, Host="whatever.example", Origin="http://whatever.example") == 101
        assert opened(program, Host="whatever.example", Origin="http://evil.example") == 403


def test_a_host_that_is_listened_on_is_a_name_too(tmp_path: Path) -> None:
    if not _resolves():
        pytest.skip("this machine's name is no address of its own")
    with Program(tmp_path, "serve", "--host", socket.gethostname()) as program:
        assert program.get("/settings")[0] == 200


@pytest.mark.parametrize("path", ["/", "/settings", "/nowhere", "/month/none", "/healthz", "the stylesheet", "refused"])
def test_every_answer_tells_browsers_to_be_careful(path: str, plain: Program) -> None:
    host = {"Host": "evil.example"} if path == "refused" else {}
    _, headers, _ = asked(plain, {"the stylesheet": _stylesheet(plain), "refused": "/"}.get(path, path), **host)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert {name: policy[name] for name in ("default-src", "object-src", "base-uri", "form-action")} == {
        "default-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    assert policy["frame-ancestors"] == "'none'"
    assert not re.search(r"\*|https?:", headers["content-security-policy"])


@pytest.mark.parametrize("path", ["/", "/month/2026-05", "/settings/files/postings.csv", "the backup"])
def test_what_the_household_wrote_is_kept_by_no_browser(path: str, plain: Program) -> None:
    if path == "the backup":
        path = f"/settings/backups/{back_up(plain.database, plain.backups, 'manual').path.name}"
    status, headers, _ = asked(plain, path)
    assert (status, headers["cache-control"]) == (200, "no-store")


def test_a_page_takes_nothing_from_other_sites(plain: Program) -> None:
    for path in ("/", "/settings", "/archive"):
        page = plain.get(path)[1]
        taken = re.findall(r"""(?:src=|href=|url\(|import\()\s*["']?([^"')\s>]+)""", page)
        assert taken
        assert not [one for one in taken if re.match(r"(https?:)?//", one)]


def test_a_cookie_is_for_this_program_alone_and_secure_where_the_address_is(plain: Program, behind: Program) -> None:
    for program, secure in ((plain, False), (behind, True)):
        _, headers, _ = asked(program, "/")
        flags = {flag.strip().lower() for flag in headers["set-cookie"].split(";")[1:]}
        assert {"httponly", "samesite=lax"} <= flags
        assert ("secure" in flags) is secure


@pytest.mark.parametrize("climbing", CLIMBING)
def test_no_path_leads_out_of_the_folders_of_assets(climbing: str, plain: Program) -> None:
    secret = (plain.folder / "browsers.secret").read_bytes()
    folders = {_stylesheet(plain).rpartition("/")[0], *re.findall(r'"(/_nicegui/[^/"]+/\w+)/', plain.get("/")[1])}
    assert len(folders) > 1
    for folder in folders:
        status, _, said = asked(plain, f"{folder}/{climbing.format(data=str(plain.folder).lstrip('/'))}")
        assert status in (307, 400, 403, 404)
        for known in (b"root:", b"SQLite format 3", b"from __future__", secret):
            assert known not in said


def _stylesheet(program: Program) -> str:
    found = re.search(r'"(/static/[^"]+\.css)"', program.get("/")[1])
    assert found
    return found[1]


def _resolves() -> bool:
    try:
        socket.create_server((socket.gethostname(), 0)).close()
    except OSError:
        return False
    return True
