"""The workflows of .forgejo: linted, and their steps run by act, with stand-ins for what needs a network."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.deploying import HERE, Host, program
from tests.deploy.tools import PATH, complaints, tool
from tests.documentation import DOCS, plain_rows
from tests.packages.test_version import VERSION
from tests.running import CHECKOUT, WITHIN_S

FOLDER = CHECKOUT / ".forgejo" / "workflows"
CI, DEPLOY, PACKAGES = FOLDER / "ci.yml", FOLDER / "deploy.yml", FOLDER / "packages.yml"
SERVER = "forgejo.example.org"
IMAGE = f"{SERVER}/household/quartermaster"
VARIABLES = {"QUARTERMASTER_IMAGE": IMAGE, "REGISTRY_USER": "ships", "DEPLOY_TO": "deploy@host.example.org"}
VARIABLES |= {"DEPLOY_KNOWN_HOSTS": "host.example.org ssh-ed25519 AAAA"}
SECRETS = {"REGISTRY_TOKEN": "tide-pool", "DEPLOY_SSH_KEY": "a key\nof two lines"}
MAKE = """\
echo "make $* CI=$CI" >> "$STAND_IN/calls"
[ ! -e "$STAND_IN/fails" ] || exit 2
exec {make} --dry-run "$@"
"""
SSH = """\
{ssh} -G "$@" > "$STAND_IN/options" || exit 255
while getopts i:o: option; do [ $option != i ] || key=$OPTARG; done
shift $((OPTIND - 1))
cat "$key" > "$STAND_IN/key" && stat -c %a "$key" > "$STAND_IN/mode" && dirname "$key" > "$STAND_IN/keys"
echo "$1" > "$STAND_IN/to"
exec sh -c "$2"
"""


class Runner:
    """Forgejo and its runner: a repository with one commit, and act, which Forgejo's runner comes from."""

    def __init__(self, folder: Path, host: Host) -> None:
        self.folder, self.host = folder, host
        self.repository = folder / "repository"
        self.repository.mkdir()
        for name in ("Dockerfile", "Makefile", "pyproject.toml"):
            shutil.copy(CHECKOUT / name, self.repository)
        self._git("init", "--quiet", "--initial-branch=main")
        self._git("add", "--all")
        self._git("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--message=One")
        self._git("clone", "--quiet", "--bare", ".", str(folder / "server" / "household" / "quartermaster.git"))
        self._git("remote", "add", "origin", f"https://{IMAGE}")
        self.commit = self._git("rev-parse", "HEAD").strip()
        _script(host.machine / "bin" / "make", MAKE.format(make=tool("make")))
        _script(host.machine / "bin" / "ssh", SSH.format(ssh=tool("ssh")))
        program(host.machine / "built", sys.executable, HERE / "image_stand_in.py", "well")

    def push(self, path: Path, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Push to main: the workflow's steps run here, one job after the other, each in a folder of its own."""
        given = {**VARIABLES, "DEPLOY_SCRIPT": str(self.host.folder / "deploy")} if variables is None else variables
        return subprocess.run(
            [tool("act"), "push", "--workflows", str(self._without_containers(path)), "--concurrent-jobs=1"]
            + ["--platform=docker=-self-hosted", "--no-cache-server", f"--github-instance={SERVER}"]
            + [word for name, value in given.items() for word in ("--var", f"{name}={value}")]
            + [word for name in SECRETS for word in ("--secret", name)]
            + [word for name, value in self.host.env.items() for word in ("--env", f"{name}={value}")],
            cwd=self.repository,
            env={**os.environ, **SECRETS, "PATH": PATH, "HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=5 * WITHIN_S,
        )

    def _without_containers(self, path: Path) -> Path:
        """The same workflow, whose jobs run on this machine, and whose git finds the server in a folder."""
        workflow = _read(path)
        for job in workflow["jobs"].values():
            del job["container"]
        there = {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_1": f"url.file://{self.folder}/server/.insteadOf"}
        workflow["env"] |= {**there, "GIT_CONFIG_VALUE_1": f"https://{SERVER}/"}
        copy = self.folder / path.name
        copy.write_text(yaml.safe_dump(workflow), encoding="utf-8")
        return copy

    def _git(self, *words: str) -> str:
        said = subprocess.run([tool("git"), *words], cwd=self.repository, capture_output=True, text=True, check=True)
        return said.stdout


@contextmanager
def set_up(folder: Path) -> Iterator[Runner]:
    host = Host(folder)
    try:
        yield Runner(folder, host)
    finally:
        host.end()


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    with set_up(tmp_path) as runner:
        yield runner


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runner, subprocess.CompletedProcess[str]]]:
    """What a push to main was made of, and what it said."""
    with set_up(tmp_path_factory.mktemp("pushed")) as runner:
        yield runner, runner.push(DEPLOY)


def test_a_change_is_linted_tested_on_each_python_and_built(runner: Runner) -> None:
    said = runner.push(CI)
    assert said.returncode == 0, said.stdout
    calls = runner.host.calls
    assert calls.count("make lint CI=true") == 1
    # Debian's webview is of Python 3.11 alone.
    assert (calls.count("make test CI=true"), calls.count("make test CI=false")) == (1, 2)
    assert f"build --pull --build-arg REVISION={runner.commit} ." in calls


def test_python_is_tried_in_every_version_that_the_project_names() -> None:
    classifiers = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    tried = _read(CI)["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert tried == re.findall(r"Python :: (3\.\d+)", classifiers)


def test_a_push_to_main_is_built_and_runs_on_the_host(
    pushed: tuple[Runner, subprocess.CompletedProcess[str]],
) -> None:
    runner, said = pushed
    assert said.returncode == 0, said.stdout
    host = runner.host
    assert "make test CI=false" in host.calls
    assert host.images == {"before", runner.commit, "latest"}
    assert (host.running, host.tag) == (runner.commit, runner.commit)
    [build] = [call for call in host.calls if call.startswith("build")]
    for told in (f"VERSION={VERSION}", f"REVISION={runner.commit}", "CREATED=20", f"SOURCE=https://{IMAGE}"):
        assert f"--build-arg {told}" in build
    assert f"login --username ships --password-stdin {SERVER}" in host.calls
    assert not (host.machine / "signed-in").exists()


def test_the_host_is_spoken_to_with_its_own_key_and_no_secret_is_left_or_shown(
    pushed: tuple[Runner, subprocess.CompletedProcess[str]],
) -> None:
    runner, said = pushed
    machine = runner.host.machine
    told = {name: (machine / name).read_text(encoding="utf-8").strip() for name in ("key", "mode", "to", "keys")}
    assert (told["key"], told["mode"], told["to"]) == (SECRETS["DEPLOY_SSH_KEY"], "600", VARIABLES["DEPLOY_TO"])
    assert not Path(told["keys"]).exists()
    options = (machine / "options").read_text(encoding="utf-8")
    assert "stricthostkeychecking true\n" in options
    assert f"userknownhostsfile {told['keys']}/known_hosts\n" in options
    assert not any(secret in said.stdout + said.stderr for secret in SECRETS.values())


def test_a_new_image_that_is_not_well_fails_the_run_and_never_becomes_the_latest(runner: Runner) -> None:
    program(runner.host.machine / "built", sys.executable, HERE / "image_stand_in.py", "dies")
    said = runner.push(DEPLOY)
    assert said.returncode != 0
    assert f"deploy: {runner.commit} is not healthy, so before runs again." in said.stdout
    assert runner.host.images == {"before", runner.commit}
    assert (runner.host.running, runner.host.tag) == ("before", "before")
    assert not (runner.host.machine / "signed-in").exists()


def test_what_fails_its_tests_is_not_deployed(runner: Runner) -> None:
    (runner.host.machine / "fails").touch()
    assert runner.push(DEPLOY).returncode != 0
    assert runner.host.images == {"before"}


def test_a_repository_where_nothing_is_set_deploys_nothing(runner: Runner) -> None:
    before = runner.host.calls
    said = runner.push(DEPLOY, {})
    assert said.returncode == 0, said.stdout
    assert runner.host.calls == before


def test_git_asks_the_token_for_a_repository_that_is_not_public() -> None:
    for workflow in map(_read, (CI, DEPLOY)):
        said = subprocess.run(
            [tool("git"), "credential", "fill"],
            input=f"protocol=https\nhost={SERVER}\n\n",
            env={**os.environ, **workflow["env"], "TOKEN": "tide-pool", "GIT_TERMINAL_PROMPT": "0"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "username=token\npassword=tide-pool\n" in said.stdout
        steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
        assert {step["name"] for step in steps if "github.token" in str(step)} == {"Check out"}


@pytest.mark.parametrize("path", [CI, DEPLOY], ids=lambda path: path.stem)
def test_a_workflow_may_read_and_no_more_and_takes_no_code_that_can_change(path: Path) -> None:
    workflow = _read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"]
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert "permissions" not in job
        assert not re.search(r":latest$|^[^:]+$", job["container"]["image"])
        for step in job["steps"]:
            assert re.fullmatch(r".+@[0-9a-f]{40}", step.get("uses", f"none@{'0' * 40}")), step
            # What others type, such as a branch's name, must not become a part of a script.
            assert "${{" not in step.get("run", ""), step


def test_of_deployments_none_is_broken_off() -> None:
    assert _read(DEPLOY)["concurrency"] == {"group": "deploy", "cancel-in-progress": False}


def test_every_secret_and_variable_is_explained() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (CI, DEPLOY))
    named = set(re.findall(r"(?:vars|secrets)\.(\w+)", text))
    assert named == {row[0] for row in plain_rows(DOCS / "deployment.md", "By workflow")}


@pytest.mark.parametrize(
    "words",
    [
        ("yamllint", "--strict", ".forgejo"),
        ("actionlint", "-config-file", ".forgejo/actionlint.yaml", str(CI), str(DEPLOY), str(PACKAGES)),
        ("zizmor", "--offline", "--no-progress", str(CI), str(DEPLOY), str(PACKAGES)),
    ],
    ids=lambda words: words[0],
)
def test_the_linters_find_nothing(words: tuple[str, ...]) -> None:
    assert complaints(*words) == ""


def _read(path: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    # YAML 1.1 takes the word for a truth.
    workflow["on"] = workflow.pop(True)  # type: ignore[call-overload]
    return workflow


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
