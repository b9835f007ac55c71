"""`make e2e`: builds the image, runs it with the rights and limits of compose.yml, and lets the tests here try it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from quartermaster.about import program_version
from tests.deploy.composing import service
from tests.deploy.proxied import DOMAIN
from tests.running import CHECKOUT, free_port

OWN_ENGINE = Path(__file__).with_name("with-docker")
TAG = "quartermaster:e2e"
WITHIN_S = "5"
"""Healthy after its start, and ended after SIGTERM."""
USER = 1000
NO_ENGINE = (
    "make e2e needs a container engine. Start Docker and let this user reach it, or name in CONTAINER_ENGINE a command "
    "that does what tests/e2e/with-docker does."
)


def main() -> int:
    """Run it all; the engine's exit code, which is the tests' too."""
    engine = _engine()
    if engine is None:
        sys.stderr.write(f"{NO_ENGINE}\n")
        return 1
    with TemporaryDirectory(prefix="quartermaster-e2e-") as folder:
        place = Path(folder).resolve()
        place.chmod(0o755)
        return subprocess.run(
            [*engine, str(CHECKOUT), *_build_arguments()], env=_environment(place), cwd=CHECKOUT, check=False
        ).returncode


def for_the_container(folder: Path) -> Path:
    """A new folder that the container's user may write."""
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, USER, USER)
    elif os.geteuid() != USER:
        folder.chmod(0o777)
    return folder


def _engine() -> list[str] | None:
    if named := os.environ.get("CONTAINER_ENGINE"):
        return shlex.split(named)
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "info"], capture_output=True, check=False).returncode == 0:
        return [str(OWN_ENGINE)]
    return None


def _build_arguments() -> Iterator[str]:
    git = ["git", "-C", str(CHECKOUT), "rev-parse", "HEAD"]
    revision = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    said = {
        "VERSION": program_version(),
        "REVISION": revision or "unknown",
        "CREATED": datetime.now(UTC).isoformat(timespec="seconds"),
        "SOURCE": "https://forgejo.example.org/household/quartermaster",
    }
    for name, value in said.items():
        yield from ("--build-arg", f"{name}={value}")


def _environment(place: Path) -> dict[str, str]:
    """What the engine reads, and what it hands on to the tests."""
    port, proxy = free_port(), free_port()
    tests = [sys.executable, "-m", "pytest", "-s", "-v", "tests/e2e", *sys.argv[1:]]
    return {
        **os.environ,
        "TAG": TAG,
        "NET": "host",
        "PORT": str(port),
        "DATA": str(for_the_container(place / "data")),
        "BIND": str(place),
        "RUN_ARGS": shlex.join(run_arguments(port, f"https://{DOMAIN}:{proxy}")),
        "HEALTH_S": os.environ.get("HEALTH_S", WITHIN_S),
        "STOP_S": os.environ.get("STOP_S", WITHIN_S),
        "HOOK": shlex.join(tests),
        "E2E_FOLDER": str(place),
        "E2E_PROXY_PORT": str(proxy),
        "PYTHONPATH": str(CHECKOUT),
    }


def run_arguments(port: int, public_url: str) -> Iterator[str]:
    """compose.yml's rights, limits and settings as arguments of `docker run`; on the machine's own network."""
    one = service({"QUARTERMASTER_TRUSTED_PROXIES": "127.0.0.1"})
    one["environment"] |= {"QUARTERMASTER_PORT": str(port), "QUARTERMASTER_PUBLIC_URL": public_url}
    yield from ("--user", one["user"], "--read-only" if one["read_only"] else "")
    yield from ("--memory", one["mem_limit"], "--memory-swap", one["memswap_limit"])
    yield from ("--pids-limit", str(one["pids_limit"]))
    for option, values in (
        ("--tmpfs", one["tmpfs"]),
        ("--cap-drop", one["cap_drop"]),
        ("--security-opt", one["security_opt"]),
        ("--env", _assignments(one["environment"])),
    ):
        for value in values:
            yield from (option, value)


def _assignments(environment: dict[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in environment.items()]


if __name__ == "__main__":
    sys.exit(main())
