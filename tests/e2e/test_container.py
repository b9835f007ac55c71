"""The image and its container: what it weighs, what it may do, what it says, how it begins and how it ends."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

from quartermaster.about import program_version
from tests.e2e.conftest import Another
from tests.e2e.engine import Container, Docker

LARGEST_MB = 250
HEALTHY_S, GONE_S = (int(os.environ.get(name, "0")) for name in ("HEALTH_S", "STOP_S"))
ONE_GB = 1024**3
FIRST_STEP = "ENV PATH=/opt/quartermaster/bin"


def test_the_image_adds_little_to_pythons_and_says_what_it_is(docker: Docker) -> None:
    tag = os.environ["TAG"]
    layers = docker.layers(tag)
    first = next(number for number, layer in enumerate(layers) if FIRST_STEP in layer["CreatedBy"])
    added_mb = sum(layer["Size"] for layer in layers[: first + 1]) / 1e6
    print(f"\nimage: {added_mb:.0f} MB over its base, {docker.image(tag)['Size'] / 1e6:.0f} MB in all")
    assert 0 < added_mb <= LARGEST_MB
    labels = docker.image(tag)["Config"]["Labels"]
    said = {name.removeprefix("org.opencontainers.image."): value for name, value in labels.items()}
    assert (said["title"], said["version"], said["licenses"]) == ("Quartermaster", program_version(), "MIT")
    assert said["source"] == said["url"] != ""
    assert datetime.fromisoformat(said["created"]).tzinfo is not None


def test_it_was_healthy_soon(container: Container) -> None:
    state = container.inspected()["State"]
    well = next(one for one in state["Health"]["Log"] if one["ExitCode"] == 0)
    took_s = (datetime.fromisoformat(well["End"]) - datetime.fromisoformat(state["StartedAt"])).total_seconds()
    print(f"\nhealthy {took_s:.1f} s after its start, by its own probe")
    assert state["Health"]["Status"] == "healthy"
    assert took_s <= HEALTHY_S


def test_it_can_write_its_data_and_nothing_else(container: Container) -> None:
    status = dict(line.split(":\t", 1) for line in container.run("cat", "/proc/1/status")[1].splitlines())
    assert status["Uid"].split() == status["Gid"].split() == ["1000"] * 4
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh")} == {0}
    assert status["NoNewPrivs"] == "1"
    limits = container.inspected()["HostConfig"]
    assert limits["Memory"] == limits["MemorySwap"] == ONE_GB
    assert limits["PidsLimit"] == 256
    for folder in ("/", "/etc", "/opt/quartermaster", "/var/tmp"):
        code, said = container.run("touch", f"{folder}/x")
        assert code != 0, folder
        assert "Read-only file system" in said
    assert container.run("touch", "/tmp/x")[0] == container.run("rm", "/tmp/x")[0] == 0
    # Of its root file system nothing is different but the place where the volume is mounted.
    assert {one["Path"] for one in container.changes()} <= {"/data"}


def test_commands_of_the_program_run_in_it(container: Container) -> None:
    assert container.run("quartermaster", "health") == (0, '200 {"status":"ok"}\n')
    assert container.run("quartermaster", "doctor")[0] == 0
    code, said = container.run("quartermaster", "backup", "by", "hand")
    assert (code, said.startswith("/data/backups/quartermaster-")) == (0, True)
    assert container.run("quartermaster", "backup", "--check")[0] == 0


def test_all_that_it_says_is_json_and_its_end_is_quick_and_clean(another: Another, port: int) -> None:
    one = another("json", port=port)
    one.start()
    ready_s = one.until(lambda: is_well(port))
    for path in ("/", "/settings", "/nowhere"):
        assert asked(port, path) in (200, 404)
    gone_s = one.stop(GONE_S)
    print(f"\nfirst answer {ready_s:.1f} s after its start; gone {gone_s:.1f} s after SIGTERM")
    assert ready_s <= HEALTHY_S
    assert (one.exit_code, gone_s <= GONE_S) == (0, True)
    assert one.stderr == []
    assert {"timestamp", "level", "logger", "event", "message"} <= set.intersection(*map(set, one.records))
    assert one.records[0]["event"] == "migration_applied"
    assert one.records[-1]["message"].startswith("Finished server process")
    assert {path.name for path in data("json").glob("quartermaster.db*")} == {"quartermaster.db"}


def test_a_traceback_in_it_is_one_line_of_json(another: Another, port: int) -> None:
    one = another("crowded", port=port)
    (data("crowded") / "backups").write_text("a file where the folder should be", encoding="utf-8")
    one.start()
    one.until(lambda: bool(heard(one, "backup_failed")))
    one.stop(GONE_S)
    [failed] = heard(one, "backup_failed")
    assert failed["exc_info"].startswith("Traceback (most recent call last):\n")
    assert "FileExistsError" in failed["exc_info"].splitlines()[-1]
    assert one.stderr == []


def test_a_container_that_cannot_start_says_why_in_one_line_of_json(another: Another) -> None:
    one = another("wrong", port=70_000)
    one.start()
    one.until(lambda: not one.is_running)
    [record] = one.records
    assert (one.exit_code, one.stderr, record["level"]) == (2, [], "ERROR")
    assert record["message"].startswith("QUARTERMASTER_PORT is '70000'")
    assert list(data("wrong").iterdir()) == []


def is_well(port: int) -> bool:
    return asked(port, "/healthz") == 200


def asked(port: int, path: str) -> int:
    """The status of one answer, past the proxy; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def heard(container: Container, event: str) -> list[dict[str, Any]]:
    return [record for record in container.records if record["event"] == event]


def data(name: str) -> Path:
    return Path(os.environ["E2E_FOLDER"]) / name
