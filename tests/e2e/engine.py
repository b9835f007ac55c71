"""Docker's API over its socket, as far as the tests need it: Docker and Podman both speak it."""

from __future__ import annotations

import http.client
import io
import json
import socket
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

LONGEST_S = 120.0
STDOUT, STDERR = 1, 2


class Docker:
    """An engine that listens at `host`, a `unix://` address."""

    def __init__(self, host: str) -> None:
        self._socket = host.removeprefix("unix://")

    def ask(
        self, method: str, path: str, body: bytes | Mapping[str, Any] | None = None, *, ok: tuple[int, ...] = ()
    ) -> bytes:
        """One answer; fails with the engine's own words when it refuses. `ok` are further codes to take for success."""
        connection = _OverSocket(self._socket)
        given = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        kind = "application/x-tar" if isinstance(body, bytes) else "application/json"
        try:
            connection.request(method, path, given, {"Content-Type": kind})
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        assert answer.status < HTTPStatus.BAD_REQUEST or answer.status in ok, f"{method} {path}: {said.decode()}"
        return said

    def image(self, tag: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("GET", f"/images/{tag}/json"))
        return found

    def layers(self, tag: str) -> list[dict[str, Any]]:
        """What made the image, the last step first."""
        found: list[dict[str, Any]] = json.loads(self.ask("GET", f"/images/{tag}/history"))
        return found

    def build(self, tag: str, files: Mapping[str, str]) -> None:
        """An image from a few files, one of them the Dockerfile."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, text in files.items():
                content = text.encode()
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(content), 0o644
                tar.addfile(entry, io.BytesIO(content))
        said = self.ask("POST", f"/build?t={quote(tag)}&networkmode=host", packed.getvalue()).decode()
        assert '"error"' not in said, said

    def forget_image(self, tag: str) -> None:
        self.ask("DELETE", f"/images/{tag}?force=true", ok=(HTTPStatus.NOT_FOUND,))

    def container(self, name: str) -> Container:
        return Container(self, name)

    def create(self, name: str, image: str, like: Container, *, data: str, env: Mapping[str, str]) -> Container:
        """A container with the rights, limits and settings of another, on another folder; not yet started."""
        other = like.inspected()
        host = {**other["HostConfig"], "Binds": [f"{data}:/data"]}
        settings = {**dict(one.split("=", 1) for one in other["Config"]["Env"]), **env}
        body = {
            "Image": image,
            "Env": [f"{key}={value}" for key, value in settings.items()],
            "User": other["Config"]["User"],
            "HostConfig": host,
        }
        self.ask("POST", f"/containers/create?name={name}", body)
        return Container(self, name)


@dataclass(frozen=True)
class Container:
    """One container, running or not."""

    docker: Docker
    name: str

    def inspected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.docker.ask("GET", f"/containers/{self.name}/json"))
        return found

    @property
    def is_running(self) -> bool:
        return bool(self.inspected()["State"]["Running"])

    @property
    def exit_code(self) -> int:
        return int(self.inspected()["State"]["ExitCode"])

    @property
    def stdout(self) -> list[str]:
        return self._said(STDOUT)

    @property
    def stderr(self) -> list[str]:
        return self._said(STDERR)

    @property
    def records(self) -> list[dict[str, Any]]:
        """What it said on stdout from its first start on; every line must be a JSON object."""
        return [json.loads(line) for line in self.stdout]

    def changes(self) -> list[dict[str, Any]]:
        """What is different in its root file system from that of its image."""
        return json.loads(self.docker.ask("GET", f"/containers/{self.name}/changes")) or []

    def start(self) -> None:
        self.docker.ask("POST", f"/containers/{self.name}/start")

    def stop(self, within_s: int) -> float:
        """End it by SIGTERM, and by SIGKILL when the time is over; the seconds that it took."""
        began = time.monotonic()
        self.docker.ask("POST", f"/containers/{self.name}/stop?t={within_s}")
        return time.monotonic() - began

    def kill(self) -> None:
        """End it at once (SIGKILL), as a power cut would."""
        self.docker.ask("POST", f"/containers/{self.name}/kill?signal=KILL")
        self.until(lambda: not self.is_running)

    def remove(self) -> None:
        self.docker.ask("DELETE", f"/containers/{self.name}?force=true&v=true", ok=(HTTPStatus.NOT_FOUND,))

    def run(self, *words: str) -> tuple[int, str]:
        """A command in it, as by `docker exec`: its exit code and all that it said."""
        body = {"Cmd": words, "AttachStdout": True, "AttachStderr": True}
        made = json.loads(self.docker.ask("POST", f"/containers/{self.name}/exec", body))["Id"]
        said = self.docker.ask("POST", f"/exec/{made}/start", {"Detach": False, "Tty": False})
        code = json.loads(self.docker.ask("GET", f"/exec/{made}/json"))["ExitCode"]
        return int(code), "".join(text for _, text in _frames(said))

    def until(self, happened: Callable[[], bool], within_s: float = 30.0) -> float:
        """Wait for something; the seconds that it took. Fails with what the container said."""
        began = time.monotonic()
        while not happened():
            waited_s = time.monotonic() - began
            assert waited_s < within_s, "\n".join(["it never happened:", *self.stdout[-40:], *self.stderr[-40:]])
            time.sleep(0.02)
        return time.monotonic() - began

    def _said(self, stream: int) -> list[str]:
        said = self.docker.ask("GET", f"/containers/{self.name}/logs?stdout=1&stderr=1")
        return "".join(text for number, text in _frames(said) if number == stream).splitlines()


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=LONGEST_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(LONGEST_S)
        self.sock.connect(self._path)


def _frames(said: bytes) -> Iterator[tuple[int, str]]:
    """Both streams come in one: pieces that say to which of the two they belong, and how long they are."""
    at = 0
    while at < len(said):
        length = int.from_bytes(said[at + 4 : at + 8])
        yield said[at], said[at + 8 : at + 8 + length].decode()
        at += 8 + length
