"""Log collection: the queries are LogQL, and the collectors' configurations make the labels that the queries expect."""

from __future__ import annotations

import fcntl
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml

from tests.deploy.tools import complaints, missing, tool
from tests.documentation import OPERATIONS, blocks, text_of
from tests.running import CHECKOUT, WITHIN_S, Program

LOGS = CHECKOUT / "packaging" / "logs"
ALLOY, PROMTAIL = LOGS / "quartermaster.alloy", LOGS / "promtail.yml"
LABELS = {"job", "level", "event"}
GRAMMAR = ("@grafana/lezer-logql@0.3.0", "@lezer/common@1.5.5", "@lezer/lr@1.4.12")
"""Loki's language as Grafana's own editor reads it."""
READ = """\
import { parser } from '@grafana/lezer-logql'
let text = ''
for await (const part of process.stdin) text += part
const faults = query => {
  const found = []
  parser.parse(query).iterate({ enter(node) { if (node.type.isError) found.push(node.from) } })
  return found
}
console.log(JSON.stringify(JSON.parse(text).map(faults)))
"""
Stages = list[tuple[str, Any]]


@pytest.fixture(scope="module")
def grammar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which node finds the parser; one for all tests and all runs."""
    folder = CHECKOUT / ".venv" / "logql"
    if not (CHECKOUT / ".venv").is_dir():
        folder = tmp_path_factory.getbasetemp().parent / "logql"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        # Several tests begin at once, each in a process of its own.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "installed").exists() and (folder / "installed").read_text(encoding="utf-8") == str(GRAMMAR):
            return folder
        words = [tool("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
        made = subprocess.run([*words, *GRAMMAR], capture_output=True, text=True, check=False, timeout=5 * WITHIN_S)
        if made.returncode:
            missing(f"npm cannot install {', '.join(GRAMMAR)}: {made.stderr[-300:]}")
        (folder / "read.mjs").write_text(READ, encoding="utf-8")
        (folder / "installed").write_text(str(GRAMMAR), encoding="utf-8")
    return folder


def test_every_query_of_the_page_is_one(grammar: Path) -> None:
    queries = blocks(text_of(OPERATIONS), "logql")
    assert len(queries) > 10
    assert _faults(grammar, queries) == {}


@pytest.mark.parametrize(
    "query",
    [
        '{job="quartermaster", level="ERROR" | json',
        '{job="quartermaster"} | json | duration_ms >',
        'sum by (path) (count_over_time({job="quartermaster"} | json [1h])',
    ],
)
def test_what_is_no_query_is_found(grammar: Path, query: str) -> None:
    assert _faults(grammar, [query]).keys() == {query}


def test_both_collectors_make_the_same_of_a_line() -> None:
    assert _alloy_stages() == _promtail_stages()


def test_each_line_of_the_program_gets_the_labels_of_the_queries_and_its_own_time(tmp_path: Path) -> None:
    with Program(tmp_path, env={"QUARTERMASTER_LOG_LEVEL": "DEBUG"}) as program:
        (tmp_path / "quartermaster.db").rename(tmp_path / "away.db")
        assert program.get("/healthz")[0] == 503
        program.stop()
    lines = program.stdout
    assert len(lines) > 3
    assert {json.loads(line)["event"] for line in lines} >= {"log", "migration_applied", "healthz_failed"}
    for line in lines:
        labels, at = _collected(line)
        record = json.loads(line)
        assert labels == {"job": "quartermaster", "level": record["level"], "event": record["event"]}
        # What Go reads as RFC3339.
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", at)


def test_a_line_that_is_no_json_is_kept_under_labels_of_its_own() -> None:
    labels, at = _collected("Fatal Python error: init_fs_encoding")
    assert (labels, at) == ({"job": "quartermaster", "level": "INFO", "event": "log"}, "")


def test_both_collectors_read_the_container_that_compose_names() -> None:
    [name] = re.findall(r"container_name: (\S+)", (CHECKOUT / "compose.yml").read_text(encoding="utf-8"))
    [job] = yaml.safe_load(PROMTAIL.read_text(encoding="utf-8"))["scrape_configs"]
    [engine] = job["docker_sd_configs"]
    assert engine["filters"] == [{"name": "name", "values": [f"^/{name}$"]}]
    assert job.keys() == {"job_name", "docker_sd_configs", "pipeline_stages"}
    [found] = _alloy()["discovery__docker"]
    assert found[name]["filter"] == [{"name": "name", "values": [f"^/{name}$"]}]
    assert found[name]["host"] == engine["host"]


def test_what_the_parts_of_alloy_send_to_each_other_is_there() -> None:
    whole = _alloy()
    there = {f"{kind.replace('__', '.')}.{name}" for kind, parts in whole.items() for part in parts for name in part}
    sent = set(re.findall(r"\$\{(\S+)\.(?:receiver|targets)\}", json.dumps(whole)))
    assert sent == there - {"loki.source.docker.quartermaster"}


def test_the_linter_finds_nothing() -> None:
    assert complaints("yamllint", "--strict", str(PROMTAIL)) == ""


def _faults(grammar: Path, queries: list[str]) -> dict[str, list[int]]:
    """Where each query stops being one."""
    said = subprocess.run(
        [tool("node"), "read.mjs"], cwd=grammar, input=json.dumps(queries), capture_output=True, text=True, check=True
    )
    return {query: faults for query, faults in zip(queries, json.loads(said.stdout), strict=True) if faults}


def _collected(line: str) -> tuple[dict[str, str], str]:
    """The labels of a line, and the time that it is given, by the stages of Promtail as its documentation has them."""
    labels: dict[str, str] = {"container": "c0ffee"}
    extracted: dict[str, str] = {}
    at = ""
    for kind, given in _promtail_stages():
        match kind:
            case "static_labels":
                labels |= given
            case "json":
                extracted |= {name: found for name in given if (found := _fields(line).get(name))}
            case "labels":
                labels |= {name: extracted[name] for name in given if name in extracted}
            case "timestamp":
                at = extracted.get(given["source"], "")
            case "labelallow":
                labels = {name: value for name, value in labels.items() if name in given}
            case _:
                pytest.fail(f"Promtail has no stage {kind}")
    return labels, at


def _fields(line: str) -> dict[str, str]:
    try:
        fields: dict[str, str] = json.loads(line)
    except ValueError:
        return {}
    return fields


def _promtail_stages() -> Stages:
    [job] = yaml.safe_load(PROMTAIL.read_text(encoding="utf-8"))["scrape_configs"]
    stages = [next(iter(stage.items())) for stage in job["pipeline_stages"]]
    return [(kind, given["expressions"] if kind == "json" else _listed(kind, given)) for kind, given in stages]


def _listed(kind: str, given: Any) -> Any:
    return dict.fromkeys(given, "") if kind == "labels" else given


def _alloy_stages() -> Stages:
    """The same of Alloy, under Promtail's names: a name without a value stands for itself."""
    [process] = [part["quartermaster"] for part in _alloy()["loki__process"]]
    stages: Stages = []
    for kind in re.findall(r"^  stage\.(\w+) ", ALLOY.read_text(encoding="utf-8"), re.MULTILINE):
        [stage] = process[f"stage__{kind}"]
        given = stage.get("values", stage.get("expressions", stage))
        if kind == "json":
            given = {name: path or name for name, path in given.items()}
        stages.append(("labelallow" if kind == "label_keep" else kind, given))
    return stages


def _alloy() -> dict[str, Any]:
    """Alloy's language is HCL, but for the dots in the names of its parts."""
    text = ALLOY.read_text(encoding="utf-8")
    text = re.sub(r"^\s*[a-z_.]+(?= [\"{])", lambda name: name[0].replace(".", "__"), text, flags=re.MULTILINE)
    whole: dict[str, Any] = _plain(hcl2.loads(text))
    return whole


def _plain(found: Any) -> Any:
    if isinstance(found, dict):
        return {
            _plain(name): _plain(one) for name, one in found.items() if name not in ("__is_block__", "__comments__")
        }
    if isinstance(found, list):
        return [_plain(one) for one in found]
    return found.strip('"') if isinstance(found, str) else found
