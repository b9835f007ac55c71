"""Settings: read once at start from QUARTERMASTER_*, a .env file, and files named by *_FILE."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from hashlib import sha256
from ipaddress import ip_address, ip_network
from pathlib import Path
from socket import SOCK_STREAM, getaddrinfo
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path, user_log_path
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

PREFIX = "QUARTERMASTER_"
SQLITE = "sqlite:///"
SECRETS = ("STORAGE_SECRET", "SYNC_PASSWORD", "METRICS_TOKEN")
FOR_COMPOSE = ("BASIC_AUTH", "CERT_RESOLVER", "DATA", "DOMAIN", "ENTRYPOINT", "IMAGE", "RATE_LIMIT", "TAG", "TIME_ZONE")
"""What a `.env` beside compose.yml says to compose, and to nobody else."""
_HOST_NAME = re.compile(r"[A-Za-z0-9._:-]+")
"""As browsers say it, an address too; letters of other scripts as in xn--mller-kva.example."""
_SETS = re.compile(rf"\s*(?:export\s+)?({PREFIX}\w+)", re.IGNORECASE)


class WrongSetting(Exception):
    """A setting that cannot be used: the message names it, its value and the mend."""


class Settings(BaseSettings):
    """What an operator may set. Every field is documented in docs/operations.md; a test holds that."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", env_ignore_empty=True)

    db_url: str = ""
    backup_dir: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    currency: str = ""
    locale: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "json", "human"] = "auto"
    public_url: str = ""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    auth: Literal["", "proxy", "basic"] = ""
    htpasswd: Path | None = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    metrics_token: str = Field(default="", repr=False)
    storage_secret: str = Field(default="", repr=False)
    sync_url: str = ""
    sync_user: str = ""
    sync_password: str = Field(default="", repr=False)
    sync_ca_file: Path | None = None

    @field_validator("allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, typed: object) -> object:
        return tuple(typed.split(",")) if isinstance(typed, str) else typed

    @property
    def database(self) -> Path:
        """The data file; in the platform's data folder when nothing is set."""
        if not self.db_url:
            return user_data_path("quartermaster", appauthor=False) / "quartermaster.db"
        return Path(self.db_url.removeprefix(SQLITE))

    @property
    def backups(self) -> Path:
        return self.backup_dir or self.database.parent / "backups"

    def log_style(self, auto: str) -> str:
        """`json` or `human`; `auto` is what fits where the log goes."""
        return self.log_format if self.log_format != "auto" else auto

    @property
    def log_file(self) -> Path:
        """Where a window logs, in the platform's folder: one file for each data file, as two must not rotate one."""
        name = "quartermaster"
        if self.db_url:
            name += f"-{sha256(os.fsencode(self.database.resolve())).hexdigest()[:8]}"
        return user_log_path("quartermaster", appauthor=False) / f"{name}.log"

    @property
    def origin(self) -> str:
        """The public address as browsers say it: in small letters, without the port that its scheme has anyway."""
        address = self.public_url.rstrip("/").lower()
        return address.removesuffix({"https": ":443", "http": ":80"}.get(address.partition(":")[0], ""))

    @property
    def hosts(self) -> frozenset[str]:
        """The host names under which the program may be asked for, without ports; where it listens too."""
        public = urlsplit(self.public_url).hostname
        own = {self.host.lower()} - {"0.0.0.0", "::"}  # noqa: S104  # all of them are the name of none
        named = {host.strip().lower() for host in self.allowed_hosts if host.strip()}
        return frozenset({"127.0.0.1", "localhost", "::1", *own, *named, *([public] if public else [])})


def load(*, server: bool, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read and check the settings. Raises WrongSetting with a sentence to act on."""
    try:
        _check_env_file()
        settings = Settings(**{**_from_files(_given()), **(overrides or {})})
    except UnicodeDecodeError:
        raise WrongSetting("The file .env is not UTF-8 text. Save it as UTF-8, or remove it.") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}"
        shown = "(hidden)" if name.removeprefix(PREFIX) in SECRETS else repr(first["input"])
        raise WrongSetting(f"{name} is {shown}: {first['msg']}. Set it to such a value, or remove it.") from None
    _check_database(settings, server=server)
    for check in (_check_backups, _check_hosts, _check_public_url, _check_proxies, _check_sync):
        check(settings)
    return settings


def wants_json() -> bool:
    """Whether all that a server says is to be JSON; known also where other settings cannot be used."""
    try:
        return _given().get(f"{PREFIX}LOG_FORMAT") == "json"
    except UnicodeDecodeError:
        return os.environ.get(f"{PREFIX}LOG_FORMAT") == "json"


def mistyped() -> list[str]:
    """A sentence about each name that looks like a setting and is none."""
    known = [name.upper() for name in Settings.model_fields] + [f"{name}_FILE" for name in SECRETS]
    return [
        f"{PREFIX}{name} is set, but there is no such setting. "
        + (f"Did you mean {PREFIX}{close[0]}?" if (close := get_close_matches(name, known, 1)) else "It does nothing.")
        for name in sorted(given.removeprefix(PREFIX) for given in _given())
        if name not in known and name not in FOR_COMPOSE
    ]


def _given() -> dict[str, str]:
    """What is set under our prefix: in .env, or in the environment, which wins. Empty is not set."""
    found = {**DotEnvSettingsSource(Settings).env_vars, **os.environ}
    return {name.upper(): value for name, value in found.items() if value and name.upper().startswith(PREFIX)}


def _check_env_file() -> None:
    """Refuse a line of ours that says nothing: another data file would be opened than the one that it was to name."""
    file = Path(str(Settings.model_config["env_file"]))
    said = DotEnvSettingsSource(Settings, env_ignore_empty=False).env_vars
    # A name alone passes the environment's on to a container.
    others = {*(PREFIX + name for name in FOR_COMPOSE), *(name.upper() for name in os.environ)}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines() if file.is_file() else [], start=1):
        named = _SETS.match(line)
        if named and said.get(named[1].lower()) is None and named[1].upper() not in others:
            raise WrongSetting(
                f"The file .env cannot be read in line {number}, which is to set {named[1]}. Write {named[1]}=, then "
                "the value; one that begins with a quotation mark ends with it too."
            )


def _from_files(given: Mapping[str, str]) -> dict[str, str]:
    """Secrets that are in a file of their own, such as QUARTERMASTER_STORAGE_SECRET_FILE."""
    found = {}
    for name in SECRETS:
        path = given.get(f"{PREFIX}{name}_FILE")
        if path:
            try:
                found[name.lower()] = Path(path).read_text(encoding="utf-8-sig").strip()
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
                raise WrongSetting(
                    f"{PREFIX}{name}_FILE is {path!r}, which cannot be read ({why}). "
                    "Name a file that exists and is readable, or remove the setting."
                ) from None
            if not found[name.lower()]:
                raise WrongSetting(f"{PREFIX}{name}_FILE is {path!r}, which is empty. Write the secret into it.")
    return found


def _check_database(settings: Settings, *, server: bool) -> None:
    url = settings.db_url
    if not url:
        return
    if not url.startswith(SQLITE):
        raise WrongSetting(
            f"{PREFIX}DB_URL is {_without_password(url)!r}, which is not a SQLite address. "
            "Write sqlite:////data/quartermaster.db (four slashes, an absolute path)."
        )
    path = url.removeprefix(SQLITE)
    if server and not path.startswith("/") and not Path(path).is_absolute():
        raise WrongSetting(
            f"{PREFIX}DB_URL is {url!r}: three slashes make a path relative to where the program was started, which "
            f"would put the database beside the volume. Write it with four slashes: sqlite:////{path or 'data/x.db'}"
        )
    if Path(path).is_dir():
        raise WrongSetting(f"{PREFIX}DB_URL is {url!r}, which is a folder. Name a file in it.")


def _check_backups(settings: Settings) -> None:
    folder = settings.backup_dir
    if folder is not None and folder.exists() and not folder.is_dir():
        raise WrongSetting(f"{PREFIX}BACKUP_DIR is {str(folder)!r}, which is a file. Name a folder, or remove it.")


def _check_hosts(settings: Settings) -> None:
    for host in (named.strip() for named in settings.allowed_hosts):
        # A colon is part of an IPv6 address, but never alone in it.
        if host not in ("", "*") and (not _HOST_NAME.fullmatch(host) or host.count(":") == 1):
            raise WrongSetting(
                f"{PREFIX}ALLOWED_HOSTS is {','.join(settings.allowed_hosts)!r}, but {host!r} is not a host name as "
                "browsers say it. Write names without https:// and without ports, such as nas.local,10.0.0.5"
            )


def _check_public_url(settings: Settings) -> None:
    if settings.public_url and not _is_web_address(settings.public_url):
        raise WrongSetting(
            f"{PREFIX}PUBLIC_URL is {_without_password(settings.public_url)!r}, which is not a web address as browsers "
            "say it, without a path. Write it like https://budget.example.org, or remove it."
        )


def _check_proxies(settings: Settings) -> None:
    for proxy in settings.trusted_proxies:
        try:
            ip_network(proxy.strip())
        except ValueError:
            raise WrongSetting(
                f"{PREFIX}TRUSTED_PROXIES is {','.join(settings.trusted_proxies)!r}, but {proxy.strip()!r} is no "
                "address or network. Write where the proxy's requests come from, such as 172.18.0.0/16 or 10.0.0.2"
            ) from None


def check_who_asks(settings: Settings) -> None:
    """Refuse to listen where other machines are unless it is said who asks people for passwords."""
    if settings.auth == "basic" and settings.htpasswd is None:
        raise WrongSetting(
            f"{PREFIX}AUTH is 'basic', but no file of passwords is named. "
            f"Set {PREFIX}HTPASSWD to one; `quartermaster passwd NAME` makes a line for it."
        )
    if settings.auth != "basic" and settings.htpasswd is not None:
        raise WrongSetting(
            f"{PREFIX}HTPASSWD is {str(settings.htpasswd)!r}, but nobody is asked for these passwords. "
            f"Set {PREFIX}AUTH=basic, or remove the setting."
        )
    if not settings.auth and not _is_loopback(settings.host):
        raise WrongSetting(
            f"{PREFIX}HOST is {settings.host!r}, so other machines reach this server, and nothing says who may come "
            f"in. Set {PREFIX}AUTH=proxy if a reverse proxy in front asks for passwords, or {PREFIX}AUTH=basic with "
            f"{PREFIX}HTPASSWD to let Quartermaster ask."
        )


def check_whose_data(settings: Settings) -> None:
    """Refuse to take this person's own data for the container's, where the `.env` is compose's."""
    said = DotEnvSettingsSource(Settings).env_vars
    here = {name.upper().removeprefix(PREFIX) for name, value in said.items() if value}
    if not settings.db_url and here & set(FOR_COMPOSE):
        raise WrongSetting(
            "The file .env here is for compose.yml: it says where the container's data is, and not which data file is "
            "meant here. Ask the program in the container, as by `docker exec quartermaster quartermaster backup`; or "
            f"set {PREFIX}DB_URL, or start in another folder."
        )


def _is_loopback(host: str) -> bool:
    """Whether who listens there is reached from this machine alone. A name that leads nowhere is refused later."""
    try:
        found = getaddrinfo(host, None, type=SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found)


def _is_web_address(typed: str) -> bool:
    try:
        parts = urlsplit(typed)
        named = _HOST_NAME.fullmatch(parts.hostname or "") and "@" not in parts.netloc and parts.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        return False
    is_whole = parts.scheme in ("http", "https") and parts.path in ("", "/") and not parts.query + parts.fragment
    return is_whole and bool(named)


def _check_sync(settings: Settings) -> None:
    if settings.sync_url:
        named = urlsplit(settings.sync_url)
        is_address = named.scheme in ("http", "https") and named.hostname
        if not is_address or "@" in named.netloc or named.query or named.fragment:
            raise WrongSetting(
                f"{PREFIX}SYNC_URL is {_without_password(settings.sync_url)!r}. Write the server's address alone, like "
                f"https://budget.example.org; the rest belongs to {PREFIX}SYNC_USER and {PREFIX}SYNC_PASSWORD_FILE."
            )
    if settings.sync_ca_file is not None and not settings.sync_ca_file.is_file():
        raise WrongSetting(
            f"{PREFIX}SYNC_CA_FILE is {str(settings.sync_ca_file)!r}, and there is no such file. "
            "Name the certificate of the authority that signed the server's, or remove the setting."
        )


def _without_password(url: str) -> str:
    scheme, between, rest = url.partition("://")
    return f"{scheme}{between}{rest.rpartition('@')[2]}"
