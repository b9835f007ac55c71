"""Who may come in: nobody unasked where other machines are, and with `basic` those whose password is in the file."""

from __future__ import annotations

import base64
import os
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, expect

from quartermaster.sync.protocol import EVENTS, EXCHANGE
from quartermaster.web.passwords import Passwords, line, read
from quartermaster.web.patience import FREE
from tests.running import WITHIN_S, Program, command
from tests.walk.walking import open_page

PASSWORD = "tide pool 🐚 at noon"
BASIC = {"QUARTERMASTER_AUTH": "basic"}
MORE = 7
"""One more than are looked at where each takes longer than the one before had to wait, which doubles to a minute."""
Serving = Callable[[str], Program]


def authorization(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"


SAM = authorization("sam", PASSWORD)


@pytest.fixture
def htpasswd(tmp_path: Path) -> Path:
    """Sam's password as bcrypt, Ada's as argon2, and a comment."""
    path = tmp_path / "htpasswd"
    ada = f"ada:{PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)}"
    path.write_text(f"# the household\n{line('sam', PASSWORD)}\n\n{ada}\n", encoding="utf-8")
    return path


@pytest.fixture
def program(tmp_path: Path, htpasswd: Path) -> Iterator[Program]:
    """A server that asks for passwords itself."""
    with Program(tmp_path, env={**BASIC, "QUARTERMASTER_HTPASSWD": str(htpasswd)}) as program:
        yield program


def raw(program: Program, path: str, *lines: str) -> bytes:
    """The beginning of the answer to a request that is written by hand."""
    address = urlsplit(program.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=WITHIN_S) as connection:
        sent = "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {address.netloc}", *lines, "", ""])
        connection.sendall(sent.encode())
        return connection.recv(2_000)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "0", "192.0.2.1"])
def test_a_server_that_others_reach_wants_to_know_who_asks_for_passwords(host: str, tmp_path: Path) -> None:
    said = command(tmp_path, "serve", "--port", "0", "--host", host)
    assert (said.returncode, said.stdout) == (2, "")
    [sentence] = said.stderr.splitlines()
    assert sentence.startswith(f"quartermaster: QUARTERMASTER_HOST is '{host}'")
    assert "QUARTERMASTER_AUTH=proxy" in sentence
    assert "QUARTERMASTER_AUTH=basic with QUARTERMASTER_HTPASSWD" in sentence
    assert not (tmp_path / "quartermaster.db").exists()


def test_a_demo_for_others_wants_to_know_it_too(tmp_path: Path) -> None:
    said = command(tmp_path, "demo", "--port", "0", env={"QUARTERMASTER_HOST": "0.0.0.0"})
    assert (said.returncode, said.stdout) == (2, "")


def test_a_server_for_this_machine_alone_need_not_be_told(tmp_path: Path) -> None:
    # Under its other names: tests/app/test_serving.py.
    with Program(tmp_path, "serve", "--host", "127.0.0.2") as program:
        assert program.get("/")[0] == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"\xff\xfe", "it is not UTF-8 text"),
        (b"# nobody\n\n", "names nobody"),
        (b"sam:hunter2\n", "line 1, is no name with a bcrypt or argon2 hash"),
        (b"# x\nsam:$apr1$9Cv/OMGj$ZomWQzuQL.3TRCS81A1g8/\n", "line 2, is no name with a bcrypt or argon2 hash"),
        (b"sam:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=\n", "is no name with a bcrypt or argon2 hash"),
        (b":$2y$10$" + b"a" * 53, "line 1, is no name with a bcrypt or argon2 hash"),
        (b"sam:$2y$31$" + b"a" * 53, "line 1, is no name with a bcrypt or argon2 hash"),
    ],
)
def test_a_file_of_passwords_that_cannot_be_used_is_named(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "htpasswd"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path))) as refused:
        read(path)
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_file_of_passwords_from_an_editor_that_marks_its_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "htpasswd"
    path.write_text(line("sam", PASSWORD), encoding="utf-8-sig")
    assert list(read(path)) == ["sam"]


def test_a_server_does_not_start_without_the_passwords_that_it_is_to_ask_for(tmp_path: Path) -> None:
    ended = command(tmp_path, "serve", "--port", "0", env={**BASIC, "QUARTERMASTER_HTPASSWD": str(tmp_path / "none")})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"quartermaster: QUARTERMASTER_HTPASSWD: {tmp_path / 'none'} cannot be read")
    assert not (tmp_path / "quartermaster.db").exists()


def test_nothing_but_the_probe_answers_to_a_stranger(program: Program) -> None:
    assert program.get("/healthz")[0] == 200
    for path in (
        "/",
        "/month/2026-05",
        "/settings",
        "/nowhere",
        EVENTS,
        EXCHANGE,
        "/metrics",
        "/healthz/",
        "//healthz",
    ):
        assert program.get(path) == (401, "Sign in to use Quartermaster."), path
    for path in ("/_nicegui/x.js", "/static/x/quartermaster.css", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
        assert program.get(path)[0] == 401, path
    assert b'www-authenticate: Basic realm="Quartermaster", charset="UTF-8"' in raw(program, "/")


def test_a_websocket_is_refused_like_a_page(program: Program) -> None:
    upgrade = (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    path = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    assert raw(program, path, *upgrade).startswith(b"HTTP/1.1 401 ")
    assert raw(program, path, *upgrade, f"Authorization: {SAM}").startswith(b"HTTP/1.1 101 ")


def test_a_right_password_opens_everything(program: Program) -> None:
    for name in ("sam", "ada"):
        given = authorization(name, PASSWORD)
        assert program.get("/", authorization=given)[0] == 200
        assert program.get("/healthz", authorization=given)[0] == 200


def test_anything_else_opens_nothing(program: Program) -> None:
    # No more than are free: the next would be told to wait.
    wrong = [("sam", ""), ("Sam", PASSWORD), ("nobody", PASSWORD), ("", PASSWORD), ("sam", f"{PASSWORD}\0")]
    broken = [
        f"Bearer {PASSWORD}",
        "Basic",
        "Basic c2Ft",
        "Basic ///",
        "Basic \xff",
        "Basic /v8=",
        SAM.replace(" ", ""),
    ]
    for given in (*broken, *(authorization(*one) for one in wrong)):
        assert b" 401 " in raw(program, "/", f"Authorization: {given}")[:14], given


def test_wrong_passwords_make_one_wait_and_right_ones_do_not(program: Program) -> None:
    assert program.get("/", authorization=SAM)[0] == 200
    *looked_at, waits = tried(program)
    assert len(looked_at) >= FREE
    assert waits.startswith("Too many wrong passwords. Try again in ")
    program.until(lambda: len(program.heard("sign_in_failed")) == len(looked_at))
    assert [record["failures"] for record in program.heard("sign_in_failed")] == [*range(1, len(looked_at) + 1)]
    wrong = f"Authorization: {authorization('sam', 'x')}"
    assert any(b"\r\nretry-after: " in raw(program, "/", wrong) for _ in range(MORE))
    assert program.get("/", authorization=SAM)[0] == 200
    assert program.get("/")[0] == 401


def test_many_wrong_passwords_at_once_are_not_free_either(program: Program) -> None:
    with ThreadPoolExecutor(20) as threads:
        wrong = [authorization("sam", str(number)) for number in range(20)]
        statuses = sorted(
            status for status, _ in threads.map(lambda given: program.get("/", authorization=given), wrong)
        )
    assert set(statuses) == {401, 429}
    assert FREE <= statuses.count(401) < FREE + MORE


def tried(program: Program, **headers: str) -> list[str]:
    """What is answered to wrong passwords, one after the other; the last one is told to wait."""
    said: list[str] = []
    for number in range(FREE + MORE):
        status, answer = program.get("/", authorization=authorization("sam", f"{headers} {number}"), **headers)
        said.append(answer)
        if status == 429:
            return said
        assert status == 401
    raise AssertionError("nobody is told to wait")


def test_behind_a_trusted_proxy_only_who_is_wrong_waits(tmp_path: Path, htpasswd: Path) -> None:
    env = {**BASIC, "QUARTERMASTER_HTPASSWD": str(htpasswd), "QUARTERMASTER_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1"}
    with Program(tmp_path, env=env) as program:
        for address in ("192.0.2.1", "192.0.2.2, 10.1.1.1"):
            assert len(tried(program, x_forwarded_for=address)) > FREE
        assert program.get("/", authorization=authorization("sam", "x"), x_forwarded_for="192.0.2.3")[0] == 401


def test_what_a_stranger_says_about_where_it_comes_from_is_not_believed(program: Program) -> None:
    assert len(tried(program, x_forwarded_for="192.0.2.1")) > FREE
    assert len(tried(program, x_forwarded_for="192.0.2.3")) <= FREE


def test_a_page_whose_assets_all_bring_the_password_at_once_comes_in(program: Program) -> None:
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: program.get("/settings", authorization=SAM)[0], range(20)))
    assert answers == [200] * 20


def test_a_change_of_the_file_counts_at_once(program: Program, htpasswd: Path) -> None:
    assert program.get("/", authorization=SAM)[0] == 200
    htpasswd.write_text(line("sam", "another"), encoding="utf-8")
    assert program.get("/", authorization=SAM)[0] == 401
    assert program.get("/", authorization=authorization("sam", "another"))[0] == 200
    htpasswd.write_text("sam:in clear letters\n", encoding="utf-8")
    assert program.get("/", authorization=authorization("sam", "another"))[0] == 200
    program.until(lambda: any("line 1, is no name" in one["message"] for one in program.heard("log", level="ERROR")))
    htpasswd.unlink()
    assert program.get("/", authorization=authorization("sam", "another"))[0] == 200


def test_a_disk_that_hangs_holds_up_who_comes_in_and_nothing_else(program: Program, htpasswd: Path) -> None:
    htpasswd.unlink()
    os.mkfifo(htpasswd)  # reading it waits for somebody who writes
    with ThreadPoolExecutor() as threads:
        coming = threads.submit(program.get, "/", authorization=SAM)
        assert [program.get("/healthz")[0] for _ in range(3)] == [200] * 3
        assert not coming.done()
        htpasswd.write_text(line("sam", PASSWORD), encoding="utf-8")
        assert coming.result()[0] == 200


def test_no_password_is_ever_written_down(program: Program, tmp_path: Path) -> None:
    for password in (PASSWORD, "hunter2 hunter2"):
        program.get("/", authorization=authorization("sam", password))
    program.stop()
    said = "".join([*program.stdout, *program.stderr])
    assert "sign_in_failed" in said
    for secret in (PASSWORD, "hunter2", SAM.split()[1], "$2b$"):
        assert secret not in said
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]
    assert kept == []


def test_a_browser_signs_in_once_and_its_page_lives(program: Program, browser: Browser) -> None:
    context = browser.new_context(
        base_url=program.url, http_credentials={"username": "sam", "password": PASSWORD, "send": "unauthorized"}
    )
    page = context.new_page()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    open_page(page)
    page.get_by_role("button", name="Start with this").click()
    expect(page.get_by_role("button", name="Groceries", exact=True)).to_be_visible()
    assert sockets
    context.close()


@pytest.mark.parametrize("name", ["sam", "José"])
def test_a_line_for_the_file_is_made_by_a_command(name: str, tmp_path: Path) -> None:
    said = command(tmp_path, "passwd", name, given=f"{PASSWORD}\n")
    assert (said.returncode, said.stderr) == (0, "")
    (tmp_path / "made").write_text(said.stdout, encoding="utf-8")
    assert Passwords(tmp_path / "made").is_right(name, PASSWORD)
    assert not Passwords(tmp_path / "made").is_right(name, f"{PASSWORD} ")


@pytest.mark.parametrize(
    ("name", "given"), [("a:b", "x\n"), ("", "x\n"), ("a\nb", "x\n"), ("a", "\n"), ("a", "x" * 73)]
)
def test_a_name_or_password_that_browsers_cannot_send_is_refused(name: str, given: str, tmp_path: Path) -> None:
    said = command(tmp_path, "passwd", name, given=given)
    assert (said.returncode, said.stdout) == (2, "")
    assert len(said.stderr.splitlines()) == 1
