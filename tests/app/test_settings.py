"""Settings: where they come from, which of two wins, and what a wrong one makes the program say."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from quartermaster.app import OWN_WINDOW
from quartermaster.settings import PREFIX, SECRETS, Settings, WrongSetting, check_who_asks, load, mistyped
from tests.living import plan_entry
from tests.running import Program, command

SECRET = "correct horse battery staple"
GOOD = {
    "DB_URL": ("sqlite:////data/budget.db", "sqlite:////data/budget.db"),
    "BACKUP_DIR": ("/data/copies", Path("/data/copies")),
    "HOST": ("0.0.0.0", "0.0.0.0"),
    "PORT": ("9090", 9090),
    "CURRENCY": ("EUR", "EUR"),
    "LOCALE": ("de_DE", "de_DE"),
    "LOG_LEVEL": ("DEBUG", "DEBUG"),
    "LOG_FORMAT": ("human", "human"),
    "PUBLIC_URL": ("https://budget.example.org", "https://budget.example.org"),
    "ALLOWED_HOSTS": ("nas.local,10.0.0.5", ("nas.local", "10.0.0.5")),
    "AUTH": ("proxy", "proxy"),
    "HTPASSWD": ("/etc/quartermaster/htpasswd", Path("/etc/quartermaster/htpasswd")),
    "TRUSTED_PROXIES": ("172.18.0.0/16,10.0.0.2", ("172.18.0.0/16", "10.0.0.2")),
    "METRICS_TOKEN": (SECRET, SECRET),
    "STORAGE_SECRET": (SECRET, SECRET),
    "SYNC_URL": ("https://budget.example.org", "https://budget.example.org"),
    "SYNC_USER": ("sam", "sam"),
    "SYNC_PASSWORD": (SECRET, SECRET),
    "SYNC_CA_FILE": (__file__, Path(__file__)),
}
WRONG = {
    "DB_URL": [
        ("postgresql://db/x", "sqlite:////data/quartermaster.db (four slashes"),
        ("quartermaster.db", "sqlite:////data/quartermaster.db (four slashes"),
        ("sqlite://", "sqlite:////data/quartermaster.db (four slashes"),
        ("sqlite:////", "Name a file in it"),
    ],
    "BACKUP_DIR": [(__file__, "Name a folder")],  # one that cannot be made is said when a backup is
    "HOST": [
        ("nowhere.invalid", "Name an address of this machine"),
        ("203.0.113.7", "Name an address of this machine"),
    ],
    "PORT": [("eighty", "a valid integer"), ("-1", "greater than or equal to 0"), ("65536", "less than or equal to")],
    "CURRENCY": [("XXQ", "such as USD, EUR or JPY"), ("euro", "such as USD, EUR or JPY")],
    "LOCALE": [("xx_YY", "such as en_US or de_DE"), ("🏳", "such as en_US or de_DE")],
    "LOG_LEVEL": [("debug", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"), ("ALL", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'")],
    "LOG_FORMAT": [("xml", "'auto', 'json' or 'human'")],
    "PUBLIC_URL": [
        ("budget.example.org", "Write it like https://budget.example.org"),
        ("ftp://budget.example.org", "Write it like https://budget.example.org"),
        ("https://", "Write it like https://budget.example.org"),
        ("https://[", "Write it like https://budget.example.org"),
        ("https://example.org:99999", "Write it like https://budget.example.org"),
        ("https://example.org/budget", "Write it like https://budget.example.org"),
        ("https://bud get.example.org", "Write it like https://budget.example.org"),
        ("https://müller.example", "as browsers say it"),
    ],
    "ALLOWED_HOSTS": [
        ("https://nas.local", "without https:// and without ports"),
        ("ok.local,nas.local:8080", "'nas.local:8080' is not a host name"),
        ("müller.example", "as browsers say it"),
        ("[::1]", "without https:// and without ports"),
    ],
    "AUTH": [("ldap", "'proxy' or 'basic'"), ("basic", "QUARTERMASTER_HTPASSWD")],
    # With who is asked by somebody else; what is wrong with one that is used: tests/deploy/test_sign_in.py
    "HTPASSWD": [("/etc/quartermaster/htpasswd", "Set QUARTERMASTER_AUTH=basic, or remove the setting.")],
    "TRUSTED_PROXIES": [
        ("traefik", "such as 172.18.0.0/16 or 10.0.0.2"),
        ("10.0.0.2,10.0.0.1/8", "'10.0.0.1/8' is no address or network"),
        ("*", "such as 172.18.0.0/16 or 10.0.0.2"),
    ],
    "METRICS_TOKEN": [],  # any text will do
    "STORAGE_SECRET": [],  # any text will do
    "SYNC_URL": [
        ("budget.example.org", "like https://budget.example.org"),
        ("ftp://budget.example.org", "like https://budget.example.org"),
        ("https://budget.example.org#secret", "like https://budget.example.org"),
    ],
    "SYNC_USER": [],
    "SYNC_PASSWORD": [],
    "SYNC_CA_FILE": [("/no/such/file.pem", "there is no such file")],
}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests, and a folder without .env to start from."""
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Set one setting in the environment."""
    return lambda name, value: monkeypatch.setenv(f"{PREFIX}{name}", value)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which something else listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_each_setting_is_tried_here() -> None:
    assert set(GOOD) == set(WRONG) == {name.upper() for name in Settings.model_fields}


def test_nothing_needs_to_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = load(server=True)
    assert settings.database == tmp_path / "quartermaster" / "quartermaster.db"
    assert settings.backups == tmp_path / "quartermaster" / "backups"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert (settings.log_level, settings.log_format) == ("INFO", "auto")
    assert settings.hosts == {"127.0.0.1", "localhost", "::1"}


@pytest.mark.parametrize("name", GOOD)
def test_each_setting_is_read_from_the_environment(name: str, set_to: Callable[[str, str], None]) -> None:
    typed, meant = GOOD[name]
    set_to(name, typed)
    assert getattr(load(server=True), name.lower()) == meant


@pytest.mark.parametrize("name", GOOD)
def test_each_setting_is_read_from_the_file_of_settings(name: str, tmp_path: Path) -> None:
    typed, meant = GOOD[name]
    (tmp_path / ".env").write_text(f"# the kitchen's server\n{PREFIX}{name}={typed}\n", encoding="utf-8")
    assert getattr(load(server=True), name.lower()) == meant


def test_a_name_without_the_prefix_is_somebody_elses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORT", "1")
    (tmp_path / ".env").write_text("HOST=0.0.0.0\nLOG_LEVEL=loud\n", encoding="utf-8")
    settings = load(server=True)
    assert (settings.host, settings.port, settings.log_level) == ("127.0.0.1", 8080, "INFO")


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("where", ["environment", ".env"])
# The second is what editors of Windows may write: with a mark that says so.
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_secret_is_read_from_a_file_of_its_own(
    name: str, where: str, encoding: str, tmp_path: Path, set_to: Callable[[str, str], None]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", encoding=encoding)
    if where == "environment":
        set_to(f"{name}_FILE", str(secret))
    else:
        (tmp_path / ".env").write_text(f"{PREFIX}{name}_FILE={secret}\n", encoding="utf-8")
    assert getattr(load(server=True), name.lower()) == SECRET
    assert mistyped() == []


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(
    tmp_path: Path, set_to: Callable[[str, str], None]
) -> None:
    (tmp_path / ".env").write_text(f"{PREFIX}PORT=1\n{PREFIX}HOST=10.0.0.1\n{PREFIX}CURRENCY=EUR\n", encoding="utf-8")
    set_to("PORT", "2")
    set_to("HOST", "10.0.0.2")
    settings = load(server=True, overrides={"port": 3})
    assert (settings.port, settings.host, settings.currency) == (3, "10.0.0.2", "EUR")


def test_a_secrets_file_wins_over_the_secret_itself(tmp_path: Path, set_to: Callable[[str, str], None]) -> None:
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    set_to("STORAGE_SECRET", "the other one")
    set_to("STORAGE_SECRET_FILE", str(tmp_path / "secret"))
    assert load(server=True).storage_secret == SECRET


@pytest.mark.parametrize("name", GOOD)
def test_an_empty_setting_is_one_that_is_not_set(name: str, set_to: Callable[[str, str], None]) -> None:
    plain = load(server=True)
    set_to(name, "")
    assert load(server=True) == plain


ALL_WRONG = [(name, *one) for name, wrong in WRONG.items() for one in wrong]
WHEN_USED = [one for one in ALL_WRONG if one[0] in ("HOST", "CURRENCY", "LOCALE", "HTPASSWD") or one[1] == "basic"]
"""What is not seen to be wrong before it is used."""
WHEN_READ = [one for one in ALL_WRONG if one not in WHEN_USED]


@pytest.mark.parametrize(("name", "value", "mend"), WHEN_READ)
def test_a_wrong_setting_is_refused_with_a_sentence_that_helps(
    name: str, value: str, mend: str, set_to: Callable[[str, str], None]
) -> None:
    set_to("AUTH", "proxy")
    set_to(name, value)
    with pytest.raises(WrongSetting) as refused:
        load(server=True)
    [sentence] = str(refused.value).splitlines()
    assert sentence.startswith(f"{PREFIX}{name}")
    assert value in sentence
    assert mend in sentence


@pytest.mark.parametrize(("name", "value", "mend"), [*WHEN_USED, WHEN_READ[0]])
def test_a_wrong_setting_ends_the_program_with_that_sentence(name: str, value: str, mend: str, tmp_path: Path) -> None:
    said = command(tmp_path, "serve", env={f"{PREFIX}PORT": "0", f"{PREFIX}AUTH": "proxy", f"{PREFIX}{name}": value})
    assert said.returncode == 2
    [sentence] = said.stderr.splitlines()
    assert sentence.startswith(f"quartermaster: {PREFIX}{name}")
    assert value in sentence
    assert mend in sentence


def test_a_port_that_is_taken_is_a_wrong_setting(tmp_path: Path, taken: int) -> None:
    said = command(tmp_path, "serve", "--port", str(taken))
    assert said.returncode == 2
    assert said.stderr.startswith(f"quartermaster: {PREFIX}PORT is {taken} on 127.0.0.1: Address already in use.")
    assert "Choose another port" in said.stderr


def test_a_port_is_never_shared_with_a_second_program(tmp_path: Path) -> None:
    with Program(tmp_path) as first:
        said = command(tmp_path, "serve", "--port", first.url.rpartition(":")[2])
        assert said.returncode == 2
        assert first.get("/healthz")[0] == 200


@pytest.mark.parametrize("words", [("serve", "--port", "eighty"), ("serve", "--color"), ("serv",)])
def test_a_wrong_word_is_refused_with_the_words_that_there_are(words: tuple[str, ...], tmp_path: Path) -> None:
    said = command(tmp_path, *words)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("usage: quartermaster")
    assert words[-1] in said.stderr
    assert list(tmp_path.glob("*.db")) == []


@pytest.mark.parametrize("path", ["data/x.db", "x.db", "./data/x.db"])
def test_three_slashes_are_refused_for_a_server_and_make_no_file(path: str, tmp_path: Path) -> None:
    said = command(tmp_path, "serve", env={f"{PREFIX}DB_URL": f"sqlite:///{path}"})
    assert (said.returncode, said.stdout) == (2, "")
    [sentence] = said.stderr.splitlines()
    assert f"{PREFIX}DB_URL is 'sqlite:///{path}'" in sentence
    assert f"sqlite:////{path}" in sentence
    assert [found.name for found in tmp_path.rglob("*")] == ["started-from"]


def test_three_slashes_are_a_path_from_here_for_all_else(tmp_path: Path, set_to: Callable[[str, str], None]) -> None:
    set_to("DB_URL", "sqlite:///data/x.db")
    assert load(server=False).database == Path("data/x.db")


@pytest.mark.parametrize(
    ("content", "why"), [(None, "cannot be read"), (b"\xff\xfe\x00", "cannot be read"), (b" \n", "is empty")]
)
def test_a_secrets_file_that_cannot_be_used_is_named(content: bytes | None, why: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    said = command(tmp_path, "serve", env={f"{PREFIX}STORAGE_SECRET_FILE": str(secret)})
    assert said.returncode == 2
    assert said.stderr.startswith(f"quartermaster: {PREFIX}STORAGE_SECRET_FILE is '{secret}', which {why}")
    assert len(said.stderr.splitlines()) == 1


def test_a_file_of_settings_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"QUARTERMASTER_CURRENCY=\xff\xfe\n")
    with pytest.raises(WrongSetting, match="Save it as UTF-8"):
        load(server=True)


@pytest.mark.parametrize("line", ["{name}='sqlite:////data/x.db", '{name}="x', "{name}", "export {name}"])
def test_a_line_of_the_file_of_settings_that_says_nothing_is_named(line: str, tmp_path: Path) -> None:
    lines = ["# the kitchen's server", "", line.format(name=f"{PREFIX}DB_URL"), f"{PREFIX}PORT=9090", "THEIRS"]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(WrongSetting, match=f"in line 3, which is to set {PREFIX}DB_URL"):
        load(server=True)


def test_lines_of_others_and_empty_ones_in_the_file_of_settings_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}SYNC_USER", "sam")
    ours = [f"{PREFIX}SYNC_USER", f"{PREFIX}DB_URL=", f'{PREFIX}PORT="9090"', f"{PREFIX}CURRENCY=  # none"]
    lines = [*ours, "THEIRS", "export", "X='y"]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    assert (load(server=True).port, load(server=True).currency, load(server=True).db_url) == (9090, "", "")


def test_a_currency_that_is_not_the_households_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with Program(tmp_path, env={f"{PREFIX}CURRENCY": "EUR"}) as program, closing(program.store()) as store:
        plan_entry(store)
        program.stop()
    said = command(tmp_path, "serve", env={f"{PREFIX}PORT": "0", f"{PREFIX}CURRENCY": "USD"})
    assert said.returncode == 2
    assert "'USD', but this household keeps its money in EUR" in said.stderr
    with Program(tmp_path, env={f"{PREFIX}CURRENCY": "EUR"}) as again:
        assert again.get("/")[0] == 200


def test_a_currency_that_is_set_later_is_that_of_a_household_that_is_still_empty(tmp_path: Path) -> None:
    for currency in ("USD", "JPY"):
        with Program(tmp_path, env={f"{PREFIX}CURRENCY": currency}) as program:
            assert currency in program.get("/settings")[1]
            program.stop()


def test_a_wrong_currency_at_the_first_start_can_be_mended(tmp_path: Path) -> None:
    assert command(tmp_path, "serve", env={f"{PREFIX}PORT": "0", f"{PREFIX}CURRENCY": "EURO"}).returncode == 2
    with Program(tmp_path, env={f"{PREFIX}CURRENCY": "EUR"}) as program:
        assert "EUR" in program.get("/settings")[1]


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_name_that_is_no_setting_is_said_with_the_one_that_it_resembles(where: str, tmp_path: Path) -> None:
    wrong = {f"{PREFIX}BACKUPS_DIR": "/data", f"{PREFIX}COLOUR": "blue"}
    if where == ".env":
        (tmp_path / "started-from").mkdir()
        lines = "".join(f"{name}={value}\n" for name, value in wrong.items())
        (tmp_path / "started-from" / ".env").write_text(lines, encoding="utf-8")
    said = command(tmp_path, "doctor", env=wrong if where == "environment" else None)
    assert said.returncode == 1
    assert said.stderr.splitlines() == [
        f"quartermaster: {PREFIX}BACKUPS_DIR is set, but there is no such setting. Did you mean {PREFIX}BACKUP_DIR?",
        f"quartermaster: {PREFIX}COLOUR is set, but there is no such setting. It does nothing.",
    ]


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    secret = "hunter2-" * 4
    env: dict[str, str | None] = {f"{PREFIX}STORAGE_SECRET": secret, f"{PREFIX}LOG_LEVEL": "DEBUG"}
    wrong = command(tmp_path, "serve", env={**env, f"{PREFIX}PORT": "x"})
    with Program(tmp_path, env=env) as program:
        program.get("/")
        program.get("/settings")
        program.stop()
    command(tmp_path, "backup", env=env)
    for said in (wrong.stderr, *program.stdout, *program.stderr, repr(Settings(storage_secret=secret))):
        assert "hunter2" not in said
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


@pytest.mark.parametrize("user", ["sam", ""])
@pytest.mark.parametrize(
    ("name", "scheme", "mend"),
    [
        ("SYNC_URL", "https", "QUARTERMASTER_SYNC_PASSWORD_FILE"),
        ("PUBLIC_URL", "https", "https://budget.example.org"),
        ("DB_URL", "postgresql", "sqlite:////data/quartermaster.db"),
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(
    name: str, scheme: str, mend: str, user: str, tmp_path: Path
) -> None:
    said = command(tmp_path, "serve", env={f"{PREFIX}{name}": f"{scheme}://{user}:{SECRET}@budget.example.org"})
    assert said.returncode == 2
    assert said.stderr.startswith(f"quartermaster: {PREFIX}{name} is '{scheme}://budget.example.org'")
    assert mend in said.stderr
    assert SECRET not in said.stderr + said.stdout


def test_a_window_asks_nobody_whatever_a_server_would_be_set_to() -> None:
    for_a_server = Settings(host="0.0.0.0", auth="basic", htpasswd=Path("/etc/quartermaster/htpasswd"))
    check_who_asks(for_a_server.model_copy(update=OWN_WINDOW))
