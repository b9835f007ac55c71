"""A machine in a folder, on which what a page of the documentation shows is done, line by line."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.deploy.tools import PATH, tool
from tests.running import CHECKOUT

WITHIN_S = 300.0
PASSWORD = b"tide pool at noon\n"
SUDO = """\
#!/bin/sh
# Who runs the tests may not be an administrator: then nothing is given away.
if [ "$(id -u)" != 0 ] && [ "$1" = install ]; then set -- install -d "$(for last; do :; done; echo "$last")"; fi
exec "$@"
"""
Shown = tuple[str, str]


def commands(text: str) -> Iterator[Shown]:
    """The blocks of a page that are commands: (`sh`, the whole script) and (`console`, one line of it)."""
    for language, block in re.findall(r"^```(sh|console)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if language == "sh":
            yield language, block
        else:
            yield from ((language, line.removeprefix("$ ")) for line in block.splitlines() if line.startswith("$ "))


class Machine:
    """`root` is its file system, and `home` the person's folder. What a page names is found under `places`."""

    def __init__(self, root: Path, env: Mapping[str, str], places: Mapping[str, str]) -> None:
        self.root, self.home = root, root / "home"
        self.home.mkdir(parents=True)
        (root / "bin").mkdir()
        (root / "bin" / "sudo").write_text(SUDO, encoding="utf-8")
        (root / "bin" / "sudo").chmod(0o755)
        (self.home / "quartermaster").symlink_to(CHECKOUT)
        self.at = self.home
        self._places = dict(places)
        self.env = {
            name: value for name, value in os.environ.items() if not name.startswith(("QUARTERMASTER_", "PYTEST"))
        }
        self.env |= {"HOME": str(self.home), "PATH": f"{root / 'bin'}:{PATH}", "PYTHONPATH": str(CHECKOUT)} | dict(env)

    def do(self, script: str) -> subprocess.CompletedProcess[str]:
        """What the script says, where the one before ended up; a person types the password where one is asked for."""
        if "htpasswd" in script:
            tool("htpasswd")
        whole = f"set -eu\n{self.meant(script)}\npwd > {self.root}/at"
        process = Typed(whole, self.at, self.env)
        code = process.wait()
        if code == 0:
            self.at = Path((self.root / "at").read_text(encoding="utf-8").strip())
        return subprocess.CompletedProcess(script, code, process.said, "")

    def meant(self, script: str) -> str:
        """The script with the places of this machine."""
        for said, meant in self._places.items():
            script = script.replace(said, meant)
        return script


class Typed:
    """A script at a terminal, at which somebody answers each question for a password."""

    def __init__(self, script: str, folder: Path, env: Mapping[str, str]) -> None:
        self._ours, self._theirs = pty.openpty()
        terminal = os.ttyname(self._theirs)
        # The first terminal that a session opens is its own: there passwords are asked for.
        self._process = subprocess.Popen(
            ["sh", "-c", f"exec <{terminal} >{terminal} 2>&1\n{script}"], cwd=folder, env=env, start_new_session=True
        )
        self.said = ""

    def wait(self) -> int:
        """Its exit code, when it has ended and all that it said is here."""
        deadline = time.monotonic() + WITHIN_S
        while self._process.poll() is None or self._is_heard():
            assert time.monotonic() < deadline, self.said
            if self._is_heard():
                self.said += os.read(self._ours, 4096).decode("utf-8", "replace")
                if re.search(r"password[^\n]*: $", self.said, re.IGNORECASE):
                    os.write(self._ours, PASSWORD)
        os.close(self._theirs)
        os.close(self._ours)
        return self._process.returncode

    def _is_heard(self) -> bool:
        return bool(select.select([self._ours], [], [], 0.02)[0])
