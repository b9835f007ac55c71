"""A host with compose.yml, .env and the deploy script, whose engine is a stand-in and whose public URL is real."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.deploy.composing import COMPOSE, EXAMPLE
from tests.deploy.tools import PATH, tool
from tests.running import CHECKOUT, WITHIN_S, free_port

SCRIPT = CHECKOUT / "packaging" / "deploy" / "deploy"
HERE = Path(__file__).parent


class Host:
    """`deploy` runs the script as a person would. Images are put into `registry` by `push`; one is `running`."""

    def __init__(self, folder: Path, before: str | None = "before") -> None:
        self.folder, self.machine = folder / "host", folder / "machine"
        self.folder.mkdir()
        for part in ("registry", "local", "bin"):
            (self.machine / part).mkdir(parents=True)
        self.port = free_port()
        (self.machine / "port").write_text(str(self.port), encoding="utf-8")
        program(self.machine / "bin" / "docker", sys.executable, HERE / "engine_stand_in.py")
        tool("docker-compose")
        for path in (COMPOSE, SCRIPT):
            shutil.copy(path, self.folder)
        self.env_file = self.folder / ".env"
        self.env_file.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
        self.env_file.chmod(0o640)
        if before:
            self.push(before, "well")
            assert self.deploy(before).returncode == 0

    def push(self, tag: str, kind: str) -> None:
        """An image that is well, ill, dies, … as image_stand_in.py has it."""
        program(self.machine / "registry" / tag, sys.executable, HERE / "image_stand_in.py", kind)

    def push_program(self, tag: str, script: str) -> None:
        """An image that runs this shell script, `$@` being the words."""
        path = self.machine / "registry" / tag
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def deploy(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        process = self.start(*words, env=env)
        out, err = process.communicate(timeout=4 * WITHIN_S)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """The same, without waiting for its end; it leads a process group of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QUARTERMASTER_")}
        return subprocess.Popen(
            [self.folder / "deploy", *words],
            cwd="/",
            env={**kept, **self.env, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def env(self) -> dict[str, str]:
        """What makes the script and the stand-in meet."""
        return {
            "PATH": f"{self.machine / 'bin'}:{PATH}",
            "STAND_IN": str(self.machine),
            "DEPLOY_URL": f"http://127.0.0.1:{self.port}",
            "DEPLOY_HEALTHY_S": f"{WITHIN_S:.0f}",
            "DEPLOY_PUBLIC_S": "1",
        }

    @property
    def tag(self) -> str:
        """What .env says."""
        [line] = [
            line for line in self.env_file.read_text(encoding="utf-8").splitlines() if "QUARTERMASTER_TAG=" in line
        ]
        return line.partition("=")[2]

    @property
    def running(self) -> str | None:
        """The tag of the container that runs."""
        path = self.machine / "running.json"
        if not path.exists():
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
        alive = Path(f"/proc/{found['pid']}/stat")
        return found["tag"] if alive.exists() and ") Z" not in alive.read_text(encoding="utf-8") else None

    @property
    def pid(self) -> int:
        found: int = json.loads((self.machine / "running.json").read_text(encoding="utf-8"))["pid"]
        return found

    @property
    def images(self) -> set[str]:
        """The tags that the registry has."""
        return {path.name for path in (self.machine / "registry").iterdir()}

    @property
    def calls(self) -> list[str]:
        return (self.machine / "calls").read_text(encoding="utf-8").splitlines()

    @property
    def log(self) -> str:
        return (self.machine / "log").read_text(encoding="utf-8")

    def end(self) -> None:
        if self.running:
            os.kill(self.pid, signal.SIGKILL)


def program(path: Path, *words: object) -> None:
    """A command of these words and of those that it is given."""
    path.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, words))} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
