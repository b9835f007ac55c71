"""packaging/deploy/deploy: a new image is brought up and looked at from outside, or what ran before runs again."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from quartermaster.storage.backup import list_backups
from quartermaster.storage.store import Store
from tests.deploy.composing import EXAMPLE
from tests.deploy.deploying import SCRIPT, Host
from tests.deploy.tools import complaints, tool
from tests.living import plan_entry
from tests.running import CHECKOUT, WITHIN_S, command


@pytest.fixture
def make_host(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    with ExitStack() as ending:

        def make(**given: str | None) -> Host:
            host = Host(tmp_path, **given)
            ending.callback(host.end)
            return host

        yield make


@pytest.fixture
def host(make_host: Callable[..., Host]) -> Host:
    """Where the image `before` runs and is well."""
    return make_host()


def test_a_new_image_that_is_well_runs_and_env_names_it(host: Host) -> None:
    host.push("after", "well")
    said = host.deploy("after")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"deploy: after runs, and http://127.0.0.1:{host.port}/healthz says so.\n"
    assert (host.running, host.tag) == ("after", "after")
    changed = EXAMPLE.read_text(encoding="utf-8").replace("TAG=latest", "TAG=after")
    assert host.env_file.read_text(encoding="utf-8") == changed
    assert host.env_file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in host.folder.iterdir()) == [".deploy.lock", ".env", "compose.yml", "deploy"]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("ill", "is not healthy"),
        ("dies", "is not healthy"),
        ("not routed", "is healthy, but http://127.0.0.1:PORT/healthz does not say so"),
        ("signed out", "is healthy, but http://127.0.0.1:PORT/healthz does not say so"),
    ],
)
def test_an_image_that_is_not_well_makes_way_for_the_one_before(host: Host, kind: str, why: str) -> None:
    host.push("after", kind)
    said = host.deploy("after")
    assert said.returncode == 1
    why = why.replace("PORT", str(host.port))
    assert said.stderr.splitlines()[-1] == f"deploy: after {why}, so before runs again."
    assert (host.running, host.tag) == ("before", "before")
    assert not (host.folder / ".deploy-from").exists()


def test_an_image_that_was_built_on_the_host_needs_no_registry(host: Host) -> None:
    host.push("built-here", "well")
    (host.machine / "registry" / "built-here").rename(host.machine / "local" / "built-here")
    assert host.deploy("built-here").returncode == 0
    assert host.running == "built-here"


def test_an_image_that_cannot_be_had_changes_nothing(host: Host) -> None:
    pid = host.pid
    said = host.deploy("after")
    assert said.returncode == 1
    assert said.stderr.splitlines()[-1] == "deploy: after cannot be pulled, so nothing was changed."
    assert (host.running, host.tag, host.pid) == ("before", "before", pid)


def test_a_roll_back_that_fails_too_calls_for_a_person(host: Host) -> None:
    host.push("after", "dies")
    host.push("before", "ill")
    shutil.copy(host.machine / "registry" / "before", host.machine / "local" / "before")
    said = host.deploy("after")
    assert said.returncode == 4
    sentence = "deploy: after is not healthy, and before, which ran before, is not healthy."
    assert said.stderr.splitlines()[-1] == sentence


def test_the_same_image_again_has_no_other_to_go_back_to(host: Host) -> None:
    assert host.deploy("before").returncode == 0
    host.push("before", "dies")
    shutil.copy(host.machine / "registry" / "before", host.machine / "local" / "before")
    os.kill(host.pid, signal.SIGKILL)
    said = host.deploy("before")
    assert said.returncode == 4
    assert said.stderr.splitlines()[-1].endswith("and there is no other to go back to.")


def test_after_one_that_was_killed_the_next_goes_back_to_what_ran_before_both(host: Host) -> None:
    host.push("killed", "never ready")
    killed = host.start("killed")
    _until(lambda: host.running == "killed")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert host.tag == "killed"
    host.push("after", "dies")
    said = host.deploy("after")
    assert said.stderr.splitlines()[-1] == "deploy: after is not healthy, so before runs again."
    assert (host.running, host.tag) == ("before", "before")


def test_one_that_is_asked_to_end_goes_back_first(host: Host) -> None:
    host.push("after", "never ready")
    asked = host.start("after")
    _until(lambda: host.running == "after")
    asked.terminate()
    os.kill(host.pid, signal.SIGKILL)  # or it would be waited for as long as it may take to be healthy
    said = asked.communicate()[1]
    assert asked.returncode == 1
    assert said.splitlines()[-1] == "deploy: after was interrupted, so before runs again."
    assert (host.running, host.tag) == ("before", "before")


def test_one_whose_caller_is_gone_is_done_all_the_same(host: Host) -> None:
    host.push("after", "well")
    left = host.start("after")
    assert left.stdout
    assert left.stderr
    left.stdout.close()
    left.stderr.close()
    assert left.wait() == 0
    assert (host.running, host.tag) == ("after", "after")
    assert not (host.folder / ".deploy-from").exists()


def test_of_two_at_once_the_second_is_refused(host: Host) -> None:
    host.push("after", "never ready")
    first = host.start("after")
    _until(lambda: host.running == "after")
    second = host.deploy("before")
    assert (second.returncode, second.stdout) == (3, "")
    assert second.stderr == "deploy: another deployment runs here; try again when it is done.\n"
    os.kill(host.pid, signal.SIGKILL)
    first.communicate()
    assert (host.running, host.tag) == ("before", "before")


def test_an_upgrade_of_the_data_is_taken_back_where_nobody_wrote(host: Host, store: Store, tmp_path: Path) -> None:
    _keeps_a_household(host, store, tmp_path)
    host.push_program("after", f"{_later(host, tmp_path)}; exit 1")
    said = host.deploy("after")
    assert said.returncode == 1, said.stderr
    assert said.stderr.splitlines()[-1] == "deploy: after is not healthy, so programs runs again."
    assert {backup.reason for backup in list_backups(tmp_path / "backups")} >= {"before-migration", "before-restore"}
    assert f'"from": "{_newest()}", "to": "9999"' in host.log
    assert host.running == "programs"
    assert command(tmp_path, "doctor").returncode == 0


def test_an_upgrade_since_which_somebody_wrote_is_left_and_the_backup_named(
    host: Host, store: Store, tmp_path: Path
) -> None:
    _keeps_a_household(host, store, tmp_path)
    writes = f"""\
from pathlib import Path; from time import time_ns; from uuid import uuid4
from quartermaster.storage.store import Store; from tests.living import plan_entry
plan_entry(Store(Path({str(store.path)!r}), now_ms=lambda: time_ns() // 1_000_000, new_id=uuid4), 'Rent')"""
    writing = shlex.join([sys.executable, "-c", writes])
    host.push_program("after", f"{_later(host, tmp_path)}; PYTHONPATH={shlex.quote(str(CHECKOUT))} {writing}; exit 1")
    said = host.deploy("after")
    assert said.returncode == 4
    [backup] = [one for one in list_backups(tmp_path / "backups") if one.reason == "before-migration"]
    [*_, sentence] = said.stderr.splitlines()
    assert sentence.startswith("deploy: after is not healthy, and programs cannot take over the data, so after is left")
    assert f"Something was written since {backup.path} was made" in sentence
    assert sentence.endswith("To give that up, restore that file by its name.")
    assert host.tag == "after"
    assert command(tmp_path, "doctor").stderr.startswith(f"quartermaster: {store.path} was written by a newer")


def test_at_the_first_time_there_may_be_nothing_to_go_back_to(make_host: Callable[..., Host]) -> None:
    host = make_host(before=None)
    host.push("after", "ill")
    said = host.deploy("after")
    assert said.returncode == 1
    assert said.stderr.splitlines()[-1].endswith("is not healthy. Nothing ran before it, so nothing runs now.")
    assert (host.running, host.tag) == (None, "latest")


def test_an_env_file_without_a_tag_gets_one_and_that_of_the_environment_is_not_asked(host: Host) -> None:
    text = host.env_file.read_text(encoding="utf-8")
    host.env_file.write_text(re.sub("QUARTERMASTER_TAG=.*\n", "", text).rstrip("\n"), encoding="utf-8")
    host.push("after", "well")
    assert host.deploy("after", env={"QUARTERMASTER_TAG": "before"}).returncode == 0
    assert (host.running, host.tag) == ("after", "after")


@pytest.mark.parametrize("asked", ["after", "/srv/quartermaster/deploy after"])
def test_as_a_forced_command_it_takes_the_tag_from_what_was_asked_for(host: Host, asked: str) -> None:
    host.push("after", "well")
    assert host.deploy(env={"SSH_ORIGINAL_COMMAND": asked}).returncode == 0
    assert host.running == "after"


def test_what_is_no_tag_that_stays_is_refused_and_nothing_done(host: Host) -> None:
    before = host.calls
    for asked in ("", "latest", "-x", "a;reboot", "$(reboot)", "../before", "sh -c 'rm compose.yml'"):
        said = host.deploy(env={"SSH_ORIGINAL_COMMAND": asked})
        assert (said.returncode, said.stdout) == (2, ""), asked
        [sentence] = said.stderr.splitlines()
        assert "name " in sentence
        assert host.calls == before


def test_a_missing_file_or_variable_is_named_and_nothing_done(host: Host) -> None:
    text = host.env_file.read_text(encoding="utf-8")
    host.env_file.write_text(re.sub("QUARTERMASTER_DOMAIN=.*\n", "", text), encoding="utf-8")
    said = host.deploy("after")
    assert said.returncode == 2
    assert "QUARTERMASTER_DOMAIN is missing a value" in said.stderr
    (host.folder / "compose.yml").unlink()
    said = host.deploy("after")
    assert (said.returncode, said.stderr) == (2, f"deploy: compose.yml and .env are not beside {host.folder}/deploy.\n")
    assert (host.running, host.tag) == ("before", "before")


def test_the_real_compose_takes_every_option_that_the_script_gives_it() -> None:
    calls = re.findall(r"docker compose (\w+) (.*?)quartermaster", SCRIPT.read_text(encoding="utf-8"))
    assert {verb for verb, _ in calls} == {"ps", "pull", "up", "stop", "run"}
    for verb, options in calls:
        said = subprocess.run([tool("docker-compose"), verb, "--help"], capture_output=True, text=True, check=True)
        for option in re.findall(r"-\S+", options):
            assert re.search(rf"^ .*{option}\b", said.stdout, re.MULTILINE), f"{verb} {option}"


def test_the_linter_finds_nothing() -> None:
    assert complaints("shellcheck", str(SCRIPT)) == ""


def _keeps_a_household(host: Host, store: Store, folder: Path) -> None:
    """From here on the real program runs, of this version, on a real household."""
    plan_entry(store)
    store.close()
    host.push_program("programs", f'{_told(host, folder, CHECKOUT)} exec {sys.executable} -m quartermaster "$@"')
    said = host.deploy("programs")
    assert said.returncode == 0, f"{said.stderr}{host.log}"


def _later(host: Host, folder: Path) -> str:
    """Starts the next version of the program, with one migration more; it brings the data to itself and ends."""
    checkout = folder / "later"
    for part in ("quartermaster", "alembic"):
        shutil.copytree(CHECKOUT / part, checkout / part, ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "alembic" / "versions" / "9999_later.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = {_newest()!r}\n"
        "def upgrade():\n    op.execute('ALTER TABLE posting ADD COLUMN mood TEXT')\n",
        encoding="utf-8",
    )
    return f"{_told(host, folder, checkout)} {sys.executable} -m quartermaster migrate"


def _newest() -> str:
    return max(path.name for path in (CHECKOUT / "alembic" / "versions").glob("0*.py"))[:4]


def _told(host: Host, folder: Path, checkout: Path) -> str:
    told = {
        "PYTHONPATH": checkout,
        "QUARTERMASTER_DB_URL": f"sqlite:///{folder / 'quartermaster.db'}",
        "QUARTERMASTER_PORT": host.port,
        "QUARTERMASTER_LOG_FORMAT": "json",
    }
    return " ".join(f"{name}={shlex.quote(str(value))}" for name, value in told.items())


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)
