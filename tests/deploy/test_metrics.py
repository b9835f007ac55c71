"""`/metrics`: who may have it, that a real parser reads it, and that its numbers are those of the household."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from quartermaster.storage.store import Store
from tests.deploy.composing import service
from tests.documentation import OPERATIONS, plain_rows, text_of
from tests.living import entry, plan_entry, posted, started
from tests.running import Program, command

TOKEN = "a long token of many letters"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server without a token."""
    with Program(tmp_path_factory.mktemp("plain")) as program:
        program.wait_for("backup_created")
        yield program


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server with a token in a file, that asks people for passwords too."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    (folder / "htpasswd").write_text(command(folder, "passwd", "sam", given="tide\n").stdout, encoding="utf-8")
    env = {"AUTH": "basic", "HTPASSWD": str(folder / "htpasswd"), "METRICS_TOKEN_FILE": str(folder / "token")}
    with Program(folder, env={f"QUARTERMASTER_{name}": value for name, value in env.items()}) as program:
        yield program


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(program: Program, name: str, **labels: str) -> float:
    return samples(program.get("/metrics")[1])[f"quartermaster_{name}", tuple(sorted(labels.items()))]


def lived_in(store: Store) -> None:
    plan_entry(store)
    started(store)
    for amount in (100, 200, 300):
        posted(store, entry(store, "Groceries").id, amount)


def test_its_numbers_are_those_of_the_household(tmp_path: Path) -> None:
    with Program(tmp_path) as program:
        program.wait_for("backup_created")
        assert of(program, "postings") == 0
        with closing(program.store()) as store:
            lived_in(store)
        assert of(program, "postings") == 3
        assert [of(program, "months", state=state) for state in ("planning", "active", "closed")] == [1, 0, 0]
        assert of(program, "backups") == 1
        assert 0 <= of(program, "backup_age_seconds") < 600
        assert of(program, "backup_bytes") == next(program.backups.glob("*.db")).stat().st_size
        assert of(program, "data_bytes") > of(program, "backup_bytes")
        assert 0 < of(program, "uptime_seconds") < 600
        assert of(program, "sync_devices") == 0


def test_requests_and_units_of_work_are_counted_by_kind(plain: Program) -> None:
    def answered(kind: str, status: str) -> float:
        name = ("quartermaster_http_request_duration_seconds_count", (("kind", kind), ("status", status)))
        return samples(plain.get("/metrics")[1]).get(name, 0)

    before = {one: answered(*one) for one in (("page", "2xx"), ("page", "4xx"), ("asset", "4xx"), ("healthz", "2xx"))}
    reads = of(plain, "query_duration_seconds_count", kind="read")
    for path in ("/settings", "/nowhere", "/static/x/y", "/healthz"):
        plain.get(path)
    plain.until(lambda: all(answered(*one) == earlier + 1 for one, earlier in before.items()))
    assert of(plain, "query_duration_seconds_count", kind="read") > reads
    once = samples(plain.get("/metrics")[1])
    name = "quartermaster_query_duration_seconds_bucket"
    buckets = [once[name, (("kind", "read"), ("le", le))] for le in ("0.001", "0.1", "10", "+Inf")]
    assert buckets == sorted(buckets)
    assert buckets[-1] == once["quartermaster_query_duration_seconds_count", (("kind", "read"),)]


def test_each_metric_is_explained_and_each_that_is_explained_is_there(plain: Program, tmp_path: Path) -> None:
    with Program(tmp_path, env={"QUARTERMASTER_SYNC_URL": plain.url}) as laptop:
        laptop.until(lambda: "sync_success_age" in laptop.get("/metrics")[1])
        with closing(laptop.store()) as store:
            plan_entry(store, "Rent")
        plain.until(lambda: of(plain, "sync_devices") == 1)
        names = {
            family.name
            for program in (plain, laptop)
            for family in text_string_to_metric_families(program.get("/metrics")[1])
        }
    assert names == {row[0] for row in plain_rows(OPERATIONS, "Metrics")}


def test_nothing_that_a_person_wrote_is_in_it(plain: Program) -> None:
    with closing(plain.store()) as store:
        plan_entry(store, "Zyxwood")
    text = plain.get("/metrics")[1]
    assert "Zyxwood" not in text
    assert not re.search(r"\d{4}-\d\d(-\d\d)?|[0-9a-f]{8}-[0-9a-f]{4}", text)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_what_a_proxy_asks_for_is_not_from_this_machine(header: str, plain: Program) -> None:
    status, said = plain.get("/metrics", **{header: "127.0.0.1"})
    assert (status, said) == (403, "Only this machine may ask, unless QUARTERMASTER_METRICS_TOKEN is set.")


def test_behind_a_proxy_nobody_is_answered_without_a_token(tmp_path: Path) -> None:
    env = {"QUARTERMASTER_HOST": "0.0.0.0", "QUARTERMASTER_AUTH": "proxy", "QUARTERMASTER_ALLOWED_HOSTS": "*"}
    with Program(tmp_path, env=env) as program:
        program.url = f"http://127.0.0.1:{urlsplit(program.url).port}"
        # A proxy on the same machine that says nothing about whom it speaks for looks like a program of this machine.
        assert program.get("/metrics") == (403, "Behind a proxy, set QUARTERMASTER_METRICS_TOKEN and bring it.")
        assert program.get("/metrics", X_Forwarded_For="192.0.2.7")[0] == 403


def test_prometheus_finds_it_on_the_proxys_network_by_the_services_name(tmp_path: Path) -> None:
    environment = service({"QUARTERMASTER_METRICS_TOKEN": TOKEN})["environment"]
    env = {name: value for name, value in environment.items() if not name.endswith("_DB_URL")}
    with Program(tmp_path, env={**env, "QUARTERMASTER_HOST": "0.0.0.0"}) as program:
        program.url = f"http://127.0.0.1:{urlsplit(program.url).port}"
        [target] = re.findall(r'targets: \["(.+)"\]', text_of(OPERATIONS))
        assert samples(program.get("/metrics", host=target, authorization=f"Bearer {TOKEN}")[1])
        assert program.get("/metrics", host=target)[0] == 401
        assert program.get("/metrics", host="elsewhere:8080", authorization=f"Bearer {TOKEN}")[0] == 403


def test_with_a_token_nothing_else_opens_it(guarded: Program) -> None:
    for given in ("", TOKEN, f"Bearer {TOKEN}x", "Bearer", "Bearer ", "Basic c2FtOnRpZGU="):
        status, said = guarded.get("/metrics", authorization=given)
        assert (status, said) == (401, "Bring the token of QUARTERMASTER_METRICS_TOKEN."), given
    status, text = guarded.get("/metrics", authorization=f"Bearer {TOKEN}", x_forwarded_for="192.0.2.7")
    assert status == 200
    assert samples(text)
    assert guarded.get("/", authorization=f"Bearer {TOKEN}")[0] == 401


def test_the_token_is_never_written_down(guarded: Program) -> None:
    guarded.get("/metrics", authorization=f"Bearer {TOKEN}")
    assert TOKEN not in "".join([*guarded.stdout, *guarded.stderr])


def test_it_still_answers_while_another_program_holds_the_file(plain: Program) -> None:
    with closing(plain.store()) as store, store.write():
        assert plain.get("/metrics")[0] == 200
