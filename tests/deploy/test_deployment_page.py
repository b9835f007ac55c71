"""docs/deployment.md says what compose.yml, the deploy script and the platform's side really are."""

from __future__ import annotations

import re

import yaml

from tests.deploy.composing import COMPOSE, example
from tests.deploy.deploying import SCRIPT
from tests.deploy.proxied import AVERAGE, BURST
from tests.documentation import DOCS, blocks, plain_rows, text_of

PAGE = DOCS / "deployment.md"
SCRIPT_TEXT = SCRIPT.read_text(encoding="utf-8")


def test_every_variable_of_compose_is_explained_with_its_default() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text))
    needed = set(re.findall(r"\$\{(\w+):\?", text))
    said = {row[0]: row[1] for row in plain_rows(PAGE, "Variables")}
    assert said == {name: default or "none" for name, default in defaults.items()} | dict.fromkeys(needed, "needed")


def test_the_parts_of_compose_that_are_explained_are_there() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    for part, _ in plain_rows(PAGE, "What compose.yml says, and why"):
        for word in part.removeprefix("router ").split(", "):
            assert word in text, word


def test_the_exit_codes_and_times_of_the_script_are_those_of_the_page() -> None:
    section = text_of(PAGE).partition("## Upgrading")[2].partition("\n## ")[0]
    codes = set(re.findall(r"^\| (\d) \|", section, re.MULTILINE))
    assert codes == {"0", *re.findall(r"fail (\d)", SCRIPT_TEXT)}
    times = dict(re.findall(r"^\| `(DEPLOY_\w+)` \| (\d+) \|", section, re.MULTILINE))
    assert times == dict(re.findall(r"\$\{(DEPLOY_\w+):-(\d+)\}", SCRIPT_TEXT))
    assert set(re.findall(r"DEPLOY_\w+", section)) == set(re.findall(r"DEPLOY_\w+", SCRIPT_TEXT))
    for seconds in times.values():
        assert f"{seconds} seconds at most" in section


def test_the_middlewares_of_the_page_are_those_that_env_names_and_the_tests_try() -> None:
    [block] = blocks(text_of(PAGE), "yaml")
    middlewares = yaml.safe_load(block)["http"]["middlewares"]
    named = {example()[f"QUARTERMASTER_{name}"].partition("@")[0] for name in ("RATE_LIMIT", "BASIC_AUTH")}
    assert middlewares.keys() == named
    assert middlewares["rate-limit"] == {"rateLimit": {"average": AVERAGE, "burst": BURST}}


def test_the_forced_command_of_the_page_is_the_script_and_lets_nothing_else_through() -> None:
    [line] = [line for block in blocks(text_of(PAGE), "text") for line in block.splitlines() if "ssh-ed25519" in line]
    assert line.startswith('restrict,command="/srv/quartermaster/deploy" ')
