"""The real Traefik in front of the real program: TLS, passwords and a rate limit, routed as compose.yml says."""

from __future__ import annotations

import base64
import copy
import http.client
import json
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import bcrypt

from tests.deploy.composing import service, traefik_of
from tests.deploy.tools import tool
from tests.running import CHECKOUT, WITHIN_S, free_port

CERTIFICATE = CHECKOUT / "tests" / "sync" / "certificates" / "server.pem"
AUTHORITY = CERTIFICATE.with_name("ca.pem")
DOMAIN = "localhost"
NAME, PASSWORD = "sam", "tide pool at noon"
AUTHORIZATION = f"Basic {base64.b64encode(f'{NAME}:{PASSWORD}'.encode()).decode()}"
# The cheapest hash that there is: Traefik works it out for each single request.
HTPASSWD = f"{NAME}:{bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()}"
AVERAGE, BURST = 10, 30
"""Requests in a second, and at once, that the platform lets one address make."""
Routing = dict[str, Any]


class Traefik:
    """Will serve https://localhost:PORT; does so in front of a program inside `with traefik.in_front_of(url)`.

    `routing` is what Traefik is told besides its middlewares; `entry_point` adds to the entry point's options; `user`
    is the line of the one who may come in.
    """

    def __init__(
        self,
        folder: Path,
        *,
        routing: Routing | None = None,
        entry_point: Mapping[str, Any] | None = None,
        port: int = 0,
        user: str = HTPASSWD,
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"https://{DOMAIN}:{self.port}"
        self._routing = routing or as_compose_says()
        self._entry_point = dict(entry_point or {})
        self._user = user
        self._forgotten = 0

    @property
    def env(self) -> dict[str, str]:
        """What a program behind it is told."""
        return {
            "QUARTERMASTER_AUTH": "proxy",
            "QUARTERMASTER_PUBLIC_URL": self.url,
            "QUARTERMASTER_TRUSTED_PROXIES": "127.0.0.1",
        }

    @contextmanager
    def in_front_of(self, backend: str, *, is_there: bool = True) -> Iterator[Self]:
        """`is_there` says whether the program answers already; otherwise Traefik alone is waited for."""
        (self.folder / "dynamic.yml").write_text(json.dumps(self._dynamic(backend)), encoding="utf-8")
        (self.folder / "static.yml").write_text(json.dumps(self._static()), encoding="utf-8")
        words = [tool("traefik"), f"--configFile={self.folder / 'static.yml'}"]
        with (self.folder / "traefik.log").open("ab") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self.folder)
        try:
            deadline = time.monotonic() + WITHIN_S
            # Before the routes are known, the probe is not found.
            while self.get("/healthz")[0] != (HTTPStatus.OK if is_there else HTTPStatus.BAD_GATEWAY):
                assert time.monotonic() < deadline, (self.folder / "traefik.log").read_text(encoding="utf-8")
                time.sleep(0.05)
            self.forget()
            yield self
        finally:
            # Asked to end, it would wait for the browsers that are still there.
            process.kill()
            process.wait()

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, Message, str]:
        """Status, headers and text of one answer, seen from outside; status 0 when nobody answers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPSConnection(DOMAIN, self.port, timeout=WITHIN_S, context=trusting())
        try:
            connection.request(method, path, headers=named)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
        except OSError:
            return 0, Message(), ""
        finally:
            connection.close()

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What was asked and answered so far, of Traefik's own access log."""
        lines = (self.folder / "access.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines[self._forgotten :]]

    @property
    def statuses(self) -> list[int]:
        return [one["DownstreamStatus"] for one in self.requests]

    @property
    def paths(self) -> list[str]:
        return [one["RequestPath"] for one in self.requests]

    def forget(self) -> None:
        """Count from here."""
        path = self.folder / "access.log"
        self._forgotten = len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0

    def _static(self) -> dict[str, Any]:
        return {
            "entryPoints": {"websecure": {"address": f"127.0.0.1:{self.port}", **self._entry_point}},
            "providers": {"file": {"filename": str(self.folder / "dynamic.yml")}},
            "accessLog": {"filePath": str(self.folder / "access.log"), "format": "json"},
            "log": {"level": "INFO"},
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        }

    def _dynamic(self, backend: str) -> dict[str, Any]:
        whole = copy.deepcopy(self._routing)
        whole["http"]["services"] = {"quartermaster": {"loadBalancer": {"servers": [{"url": backend}]}}}
        whole["http"]["middlewares"] = {
            "rate-limit": {"rateLimit": {"average": AVERAGE, "burst": BURST}},
            "basic-auth": {"basicAuth": {"users": [self._user]}},
        }
        pair = {"certFile": str(CERTIFICATE), "keyFile": str(CERTIFICATE)}
        whole["tls"] = {"certificates": [pair]}
        return whole


def trusting() -> ssl.SSLContext:
    """A client that believes the household's own authority."""
    return ssl.create_default_context(cafile=str(AUTHORITY))


def key_for_chromium() -> str:
    """By this Chromium knows the certificate's key: it then caches as for any other site."""
    one = tool("openssl")
    shell = f"{one} x509 -in '{CERTIFICATE}' -pubkey -noout | {one} pkey -pubin -outform der | {one} sha256 -binary"
    digest = subprocess.run(["sh", "-c", shell], capture_output=True, check=True).stdout
    return base64.b64encode(digest).decode()


def as_compose_says() -> Routing:
    """The routers of compose.yml's labels."""
    labels = service({"QUARTERMASTER_DOMAIN": DOMAIN})["labels"]
    return traefik_of(labels)


def one_router() -> Routing:
    """A stricter platform: one router, everything limited."""
    routing = as_compose_says()
    routers = routing["http"]["routers"]
    del routers["quartermaster-assets"]
    return routing
