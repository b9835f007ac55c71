"""Stands in for `docker` where there is no engine: the few calls of the deploy script, the workflows and the pages.

The folder in STAND_IN is the machine: `registry/TAG` and `local/TAG` are images, programs that are started as
`IMAGE WORDS…`; `built` is what a build makes; `running.json` is the one container. What compose.yml and .env say is
asked of the real compose. A call that is not known here fails, as does one that compose would refuse.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

MACHINE = Path(os.environ["STAND_IN"])
PORT = (MACHINE / "port").read_text(encoding="utf-8")
CONTAINER = MACHINE / "running.json"
SIGNED_IN = MACHINE / "signed-in"
STARTS_S, STOPS_S, RETRIES = 60.0, 15.0, 3


def main(words: list[str]) -> int:
    with (MACHINE / "calls").open("a", encoding="utf-8") as calls:
        calls.write(f"{' '.join(words)}\n")
    return _compose(words[1:]) if words[0] == "compose" else _engine(words)


def _engine(words: list[str]) -> int:
    code = 0
    match words:
        case ["build", "--pull", *options, "."]:
            code = _build([given for option, given in itertools.pairwise(options) if option == "--tag"])
        case ["login", "--username", user, "--password-stdin", registry]:
            SIGNED_IN.write_text(f"{user}:{sys.stdin.read()}@{registry}", encoding="utf-8")
        case ["logout", registry]:
            SIGNED_IN.unlink()
        case ["tag", image, other]:
            shutil.copy(MACHINE / "local" / _tag_of(image), MACHINE / "local" / _tag_of(other))
        case ["push", "--quiet", image]:
            code = _push(image)
        case ["network", "inspect", "proxy-net", "-f", "{{(index .IPAM.Config 0).Subnet}}"]:
            sys.stdout.write("172.18.0.0/16\n")
        case _:
            code = _complain(125, f"unknown command: docker {' '.join(words)}")
    return code


def _build(images: list[str]) -> int:
    if not Path("Dockerfile").is_file():
        return _complain(1, "failed to read dockerfile: open Dockerfile: no such file or directory")
    for image in images:
        shutil.copy(MACHINE / "built", MACHINE / "local" / _tag_of(image))
    return 0


def _push(image: str) -> int:
    if not SIGNED_IN.exists() or not SIGNED_IN.read_text(encoding="utf-8").endswith(f"@{image.partition('/')[0]}"):
        return _complain(1, "unauthorized: authentication required")
    shutil.copy(MACHINE / "local" / _tag_of(image), MACHINE / "registry" / _tag_of(image))
    return 0


def _tag_of(image: str) -> str:
    return image.rpartition(":")[2]


def _compose(words: list[str]) -> int:
    match words:
        case ["ps", "--all", "--quiet", "quartermaster"] | ["ps"]:
            code = _ps()
        case ["pull", "--quiet", "--policy", "missing", "quartermaster"]:
            code = 0 if (MACHINE / "local" / _tag()).exists() else _pull(_tag())
        case ["up", "--detach", "--wait", "--wait-timeout", seconds, "quartermaster"]:
            code = _up(_tag()) or _wait(float(seconds))
        case ["up", "--detach", "quartermaster"]:
            code = _up(_tag())
        case ["up", "--detach", "--wait"]:
            code = _up(_tag()) or _wait(STARTS_S)
        case ["version"] | ["config", "--quiet"]:
            code = subprocess.run(["docker-compose", *words], check=False).returncode
        case _:
            code = _compose_as_it_is(words)
    return code


def _compose_as_it_is(words: list[str]) -> int:
    """What no image has to be brought for."""
    match words:
        case ["stop", "quartermaster"] | ["stop"]:
            code = _stop()
        case ["down"]:
            code = _stop()
            CONTAINER.unlink(missing_ok=True)
        case ["run", "--rm", "--no-deps", "-T", "quartermaster", *command] | ["run", "--rm", "quartermaster", *command]:
            code = _run(_tag(), command)
        case ["exec", "quartermaster", "quartermaster", *command]:
            code = _run(_tag(), command) if _is_running() else _complain(1, 'service "quartermaster" is not running')
        case _:
            code = _complain(125, f"unknown command: docker compose {' '.join(words)}")
    return code


def _ps() -> int:
    _tag()
    sys.stdout.write("c0ffee" if CONTAINER.exists() else "")
    return 0


def _tag() -> str:
    """What stands behind the image's name in compose.yml, once .env and the environment are filled in."""
    said = subprocess.run(["docker-compose", "config", "--images"], capture_output=True, text=True, check=False)
    if said.returncode:
        sys.exit(_complain(said.returncode, said.stderr))
    return _tag_of(said.stdout.strip())


def _pull(tag: str) -> int:
    image = MACHINE / "registry" / tag
    if not image.exists():
        return _complain(1, f"Error response from daemon: manifest for {tag} not found: manifest unknown")
    shutil.copy(image, MACHINE / "local" / tag)
    return 0


def _up(tag: str) -> int:
    if not (MACHINE / "local" / tag).exists() and _pull(tag):
        return 1
    if CONTAINER.exists() and json.loads(CONTAINER.read_text(encoding="utf-8"))["tag"] != tag:
        _stop()
    if CONTAINER.exists() and _is_running():
        return 0
    # Away from the script that asks, as a container is from who starts it: also from the signals that it ignores.
    for ignored in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_DFL)
    process = subprocess.Popen(
        [MACHINE / "local" / tag, "serve"],
        cwd=MACHINE,
        stdin=subprocess.DEVNULL,
        stdout=(MACHINE / "log").open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        close_fds=True,
        env={**os.environ, "PORT": PORT},
    )
    written = CONTAINER.with_suffix(".new")
    written.write_text(json.dumps({"tag": tag, "pid": process.pid}), encoding="utf-8")
    written.rename(CONTAINER)
    return 0


def _wait(seconds: float) -> int:
    deadline, ill = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and ill < RETRIES:
        if not _is_running():
            return _complain(1, "container quartermaster exited (1)")
        status = _health()
        if status == 200:
            return 0
        ill += status > 0
        time.sleep(0.02)
    return _complain(1, "container quartermaster is unhealthy")


def _run(tag: str, command: list[str]) -> int:
    # As compose says it, before the program's own words.
    _complain(0, " Container quartermaster-run-1a2b Creating")
    return subprocess.run([MACHINE / "local" / tag, *command], cwd=MACHINE, check=False).returncode


def _stop() -> int:
    if CONTAINER.exists() and _is_running():
        pid = json.loads(CONTAINER.read_text(encoding="utf-8"))["pid"]
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOPS_S
        while _is_running():
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
    return 0


def _is_running() -> bool:
    pid = json.loads(CONTAINER.read_text(encoding="utf-8"))["pid"]
    try:
        # The first process of a container is reaped by its engine; here whoever is its parent may be slow to.
        return not Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].startswith(" Z")
    except OSError:
        return False


def _health() -> int:
    """The status of the probe's answer; 0 while there is none, as in the time that a container has to start."""
    asked = urllib.request.Request(f"http://127.0.0.1:{PORT}/healthz", headers={"X-Asked-By": "engine"})
    try:
        with urllib.request.urlopen(asked, timeout=STARTS_S) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _complain(code: int, sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
