"""compose.yml: what the platform's rules ask of a tenant, and that a missing variable is named."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from quartermaster.settings import FOR_COMPOSE, PREFIX, Settings
from tests.deploy.composing import COMPOSE, EXAMPLE, composed, example, service, traefik_of
from tests.deploy.tools import complaints
from tests.running import command

VARIABLES = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8")))
NEEDED = sorted(set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text(encoding="utf-8"))))


def test_the_container_has_no_right_that_it_does_not_need() -> None:
    one = service()
    assert one["user"] == "1000:1000"
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert [mount.partition(":")[0] for mount in one["tmpfs"]] == ["/tmp"]
    assert int(one["mem_limit"]) == int(one["memswap_limit"]) == 1024**3
    assert one["pids_limit"] > 0
    assert not {"ports", "expose", "privileged", "devices", "cap_add", "network_mode", "pid"} & one.keys()


def test_the_container_comes_back_ends_cleanly_and_bounds_its_logs() -> None:
    one = service()
    assert one["restart"] == "unless-stopped"
    assert int(one["stop_grace_period"].removesuffix("s")) >= 10
    assert one["logging"] == {"driver": "json-file", "options": {"max-size": "50m", "max-file": "3"}}


def test_the_tag_and_the_volume_come_from_the_host() -> None:
    assert service({"QUARTERMASTER_TAG": None})["image"] == f"{example()['QUARTERMASTER_IMAGE']}:latest"
    assert service({"QUARTERMASTER_TAG": "3f2c"})["image"].endswith(":3f2c")
    for folder, given in (("/mnt/quartermaster", None), ("/srv/budget", "/srv/budget")):
        [volume] = service({"QUARTERMASTER_DATA": given})["volumes"]
        assert (volume["type"], volume["source"], volume["target"]) == ("bind", folder, "/data")
    assert service()["environment"]["QUARTERMASTER_DB_URL"] == "sqlite:////data/quartermaster.db"


def test_the_platforms_network_is_used_and_not_made() -> None:
    assert service()["networks"] == {"proxy-net": None}
    network = json.loads(composed().stdout)["networks"]["proxy-net"]
    assert (network["name"], network["external"]) == ("proxy-net", True)


def test_every_setting_in_it_is_one_and_is_filled_in() -> None:
    environment = service()["environment"]
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert environment.keys() - {"TZ"} <= settings
    assert environment["QUARTERMASTER_AUTH"] == "proxy"
    assert environment["QUARTERMASTER_PUBLIC_URL"] == "https://budget.example.org"


def test_three_routers_say_what_is_asked_for_a_password_and_what_is_limited() -> None:
    labels = service()["labels"]
    routers = traefik_of(labels)["http"]["routers"]
    assert {name: (router["rule"], router.get("middlewares", [])) for name, router in routers.items()} == {
        "quartermaster": ("Host(`budget.example.org`)", ["rate-limit@file", "basic-auth@file"]),
        "quartermaster-assets": ("Host(`budget.example.org`) && PathPrefix(`/_nicegui`)", ["basic-auth@file"]),
        "quartermaster-health": ("Host(`budget.example.org`) && Path(`/healthz`)", []),
    }
    assert all("tls" in router and router["entrypoints"] == ["websecure"] for router in routers.values())
    assert labels["traefik.docker.network"] == "proxy-net"
    assert labels["traefik.http.services.quartermaster.loadbalancer.server.port"] == "8080"


def test_the_names_of_the_platform_are_variables() -> None:
    names = {"RATE_LIMIT": "slow@docker", "BASIC_AUTH": "who@docker", "ENTRYPOINT": "tls", "CERT_RESOLVER": "home"}
    labels = service({f"{PREFIX}{name}": value for name, value in names.items()})["labels"]
    router = traefik_of(labels)["http"]["routers"]["quartermaster"]
    assert router["middlewares"] == ["slow@docker", "who@docker"]
    assert router["entrypoints"] == ["tls"]
    assert router["tls"] == {"certresolver": "home"}


@pytest.mark.parametrize("missing", [None, ""])
def test_each_variable_that_is_missing_is_named(missing: str | None) -> None:
    assert len(NEEDED) == 5
    said = composed(dict.fromkeys(NEEDED, missing))
    assert said.returncode != 0
    for name in set(NEEDED) - {"QUARTERMASTER_BASIC_AUTH"}:
        assert f"required variable {name} is missing a value: write the" in said.stderr, name
    # Two in one label: the second is named once the first is there.
    assert "QUARTERMASTER_BASIC_AUTH is missing" in composed({"QUARTERMASTER_BASIC_AUTH": missing}).stderr


def test_the_example_has_each_variable_with_its_meaning_and_the_real_default() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert example().keys() == VARIABLES
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE.read_text(encoding="utf-8")))
    assert {name: value for name, value in example().items() if name not in NEEDED} == defaults
    assert (
        text.index("Needed:") < text.index(NEEDED[0]) < text.index("May be left out") < text.index("QUARTERMASTER_TAG")
    )


def test_passwords_are_made_and_servers_are_asked_beside_composes_own_settings_too(tmp_path: Path) -> None:
    (tmp_path / "started-from").mkdir()
    shutil.copy(EXAMPLE, tmp_path / "started-from" / ".env")
    env: dict[str, str | None] = {f"{PREFIX}DB_URL": None}
    made = command(tmp_path, "passwd", "sam", given="tide\n", env=env)
    assert (made.returncode, made.stderr) == (0, "")
    assert command(tmp_path, "health", "--port", "1", env=env).stdout.startswith("127.0.0.1 does not answer")
    assert command(tmp_path, "doctor", env=env).returncode == 2


def test_what_compose_alone_is_told_is_known() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    assert {name.removeprefix(PREFIX) for name in example()} - settings == set(FOR_COMPOSE)


@pytest.mark.parametrize("words", [("yamllint", "--strict", "compose.yml"), ("compose-lint", "compose.yml")])
def test_the_linters_find_nothing(words: tuple[str, ...]) -> None:
    assert complaints(*words) == ""
