"""compose.yml as compose itself reads it, with the values of `.env.example` or others."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.deploy.tools import tool
from tests.running import CHECKOUT, WITHIN_S

COMPOSE = CHECKOUT / "compose.yml"
EXAMPLE = CHECKOUT / ".env.example"


def composed(values: Mapping[str, str | None] | None = None) -> subprocess.CompletedProcess[str]:
    """`docker compose config`, with the example's values; None takes one away."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QUARTERMASTER_")}
    given = {**example(), **(values or {})}
    return subprocess.run(
        [tool("docker-compose"), "--file", str(COMPOSE), "--env-file", os.devnull, "config", "--format", "json"],
        env=env | {name: value for name, value in given.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )


def service(values: Mapping[str, str | None] | None = None) -> dict[str, Any]:
    """The one service, all variables filled in."""
    said = composed(values)
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)["services"]["quartermaster"]
    return found


def example() -> dict[str, str]:
    """What `.env.example` says."""
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))


def traefik_of(labels: Mapping[str, str]) -> dict[str, Any]:
    """The labels as Traefik's file provider would be told the same."""
    whole: dict[str, Any] = {}
    for name, value in labels.items():
        *path, last = name.split(".")
        if path[:2] != ["traefik", "http"]:
            continue
        inner = whole
        for part in path[1:]:
            # `tls=true` and `tls.certresolver=…` are one table.
            if not isinstance(inner.get(part), dict):
                inner[part] = {}
            inner = inner[part]
        if last in ("middlewares", "entrypoints"):
            inner[last] = value.split(",")
        elif last == "tls":
            inner.setdefault("tls", {})
        else:
            inner[last] = value
    return whole
