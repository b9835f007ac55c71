"""Behind the real Traefik, in a real browser: who gets in, what is limited, what survives, and what a page may do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from quartermaster.sync.protocol import EVENTS, EXCHANGE
from quartermaster.web.passwords import COST
from tests.chromium import ARGS, chromium_or_skip
from tests.deploy.proxied import AUTHORIZATION, BURST, NAME, PASSWORD, Traefik, key_for_chromium, one_router
from tests.living import plan_entry, started
from tests.running import WITHIN_S, Program, command, patience
from tests.walk.walking import add_row, open_page, open_row, post, postings, ready, this_month, wait_until_kept

SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport="
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
IDLE_S = 2
FAIR_S = 15
"""For a first visit, all of whose assets want the password looked at; it is two seconds where nothing else runs."""
PEOPLE = 5
Arriving = Callable[[Traefik], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that knows the platform's certificate."""
    known = f"--ignore-certificate-errors-spki-list={key_for_chromium()}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_or_skip(), args=[*ARGS, known])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Traefik:
    """Routed as compose.yml says."""
    return Traefik(tmp_path_factory.mktemp("traefik"))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, place: Traefik) -> Iterator[Program]:
    """The program behind it, with groceries in this month."""
    with Program(tmp_path_factory.mktemp("behind"), env=place.env) as program:
        with closing(program.store()) as store:
            plan_entry(store)
            started(store, this_month())
        yield program


@pytest.fixture
def traefik(place: Traefik, program: Program) -> Iterator[Traefik]:
    """Each test begins with as many requests as the platform lets one have."""
    with place.in_front_of(program.url):
        yield place


@pytest.fixture
def arriving(browser: Browser) -> Iterator[Arriving]:
    """Someone who has never been here, and knows a password; no page may raise an error or break its own rules."""
    contexts, complaints = [], []

    def arrive(traefik: Traefik) -> Page:
        context = browser.new_context(base_url=traefik.url)
        context.set_default_timeout(WITHIN_S * 1000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        # Typed once, as into the browser's own question: Playwright's way of answering that turns the cache off.
        page.goto(traefik.url.replace("//", f"//{NAME}:{quote(PASSWORD)}@") + "/nowhere")
        return page

    yield arrive
    for context in contexts:
        context.close()
    assert complaints == []


def test_the_probe_is_open_and_everything_else_asks_for_a_password(traefik: Traefik) -> None:
    assert traefik.get("/healthz")[::2] == (200, '{"status":"ok"}')
    for path in ("/", "/settings", "/metrics", EVENTS, "/_nicegui/x.js", f"{SOCKET}polling", "/healthz/", "/healthz/x"):
        assert traefik.get(path)[0] == 401, path
    assert traefik.get(EXCHANGE, "POST")[0] == 401
    assert traefik.get(f"{SOCKET}websocket", **UPGRADE)[0] == 401
    assert traefik.get("/settings", Authorization=AUTHORIZATION)[0] == 200


def test_numbers_are_not_for_the_world(traefik: Traefik) -> None:
    assert traefik.get("/metrics", Authorization=AUTHORIZATION)[0] == 403
    # Traefik takes the header for its own: a token cannot come in this way.
    assert traefik.get("/metrics", Authorization="Bearer a long token of many letters")[0] == 401


def test_a_first_visit_a_reload_and_the_next_page_stay_within_the_limit(traefik: Traefik, arriving: Arriving) -> None:
    page = arriving(traefik)
    open_page(page)
    page.wait_for_load_state("networkidle")
    first = len(traefik.requests)
    traefik.forget()
    page.reload()
    ready(page)
    open_page(page, "/settings")
    page.wait_for_load_state("networkidle")
    assert set(traefik.statuses) <= {200, 304, 0}
    assert 10 < first < BURST
    assert len(traefik.requests) <= 6, traefik.paths


def test_five_people_who_arrive_at_once_all_get_in(traefik: Traefik, arriving: Arriving) -> None:
    pages = [arriving(traefik) for _ in range(PEOPLE)]
    for page in pages:
        # Not goto: it would wait for each before the next.
        page.evaluate(f"setTimeout(() => location.href = '{traefik.url}/settings')")
    for page in pages:
        page.wait_for_url("**/settings")
        ready(page)
    assert len(traefik.requests) > PEOPLE * 10
    assert 429 not in traefik.statuses


def test_one_person_gets_through_a_platform_that_limits_everything(
    program: Program, tmp_path: Path, arriving: Arriving
) -> None:
    with Traefik(tmp_path, routing=one_router()).in_front_of(program.url) as stricter:
        page = arriving(stricter)
        open_page(page)
        page.reload()
        ready(page)
        open_page(page, f"/month/{this_month()}")
        assert 429 not in stricter.statuses
        assert len(stricter.requests) > 10


def test_a_password_as_expensive_as_the_program_makes_it_lets_one_in_within_the_limit_too(
    program: Program, tmp_path: Path, arriving: Arriving
) -> None:
    made = command(tmp_path, "passwd", NAME, given=f"{PASSWORD}\n").stdout.strip()
    assert f"$2b${COST}$" in made
    with Traefik(tmp_path, user=made).in_front_of(program.url) as expensive:
        page = arriving(expensive)
        began = time.monotonic()
        open_page(page)
        assert time.monotonic() - began < patience(FAIR_S)
        assert 429 not in expensive.statuses
        assert len(expensive.requests) > 10


def test_a_page_lives_over_a_secure_websocket_that_outlasts_the_proxys_patience(
    program: Program, tmp_path: Path, arriving: Arriving
) -> None:
    timeouts = {"respondingTimeouts": {"readTimeout": f"{IDLE_S}s", "idleTimeout": f"{IDLE_S}s"}}
    with Traefik(tmp_path, entry_point={"transport": timeouts}).in_front_of(program.url) as hasty:
        page = arriving(hasty)
        opened: list[str] = []
        page.on("websocket", lambda socket: opened.append(socket.url))
        open_page(page, f"/month/{this_month()}")
        open_row(page, "Groceries")
        sockets = len(opened)
        page.wait_for_timeout(2_000 * IDLE_S)
        post(page, "Marlow Market", "12.50")
        expect(postings(page)).to_have_count(1)
        assert len(opened) == sockets
        assert {url.partition("/_nicegui_ws")[0] for url in opened} == {hasty.url.replace("https", "wss")}


def test_what_was_typed_is_there_after_the_container_was_exchanged(
    program: Program, traefik: Traefik, arriving: Arriving
) -> None:
    page = arriving(traefik)
    open_page(page, f"/month/{this_month()}")
    open_row(page, "Groceries")
    add_row(page).get_by_label("Payee").fill("Half a pos")
    wait_until_kept(program, "Half a pos")
    program.kill()
    assert traefik.get("/healthz")[0] in (502, 503, 504)
    program.start()
    expect(add_row(page).get_by_label("Payee")).to_have_value("Half a pos")
    assert 429 not in traefik.statuses


def test_pages_of_other_sites_can_write_nothing_and_open_no_websocket(program: Program, traefik: Traefik) -> None:
    signed_in = {"Authorization": AUTHORIZATION}
    for origin, let_in in ((traefik.url, True), ("https://evil.example", False), ("null", False), (program.url, False)):
        opened = traefik.get(f"{SOCKET}websocket", Origin=origin, **UPGRADE, **signed_in)[0]
        polled = traefik.get(f"{SOCKET}polling", Origin=origin, **signed_in)[0]
        wrote = traefik.get("/settings", "POST", Origin=origin, Content_Length="0", **signed_in)[0]
        assert (opened, polled, wrote != 403) == ((101, 200, True) if let_in else (403, 403, False)), origin


def test_links_stay_on_the_proxys_side_and_cookies_are_secure(program: Program, traefik: Traefik) -> None:
    status, headers, text = traefik.get("/settings", Authorization=AUTHORIZATION)
    assert status == 200
    assert "; secure" in headers["set-cookie"].lower()
    assert "; httponly" in headers["set-cookie"].lower()
    assert program.url not in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    for path in ("/settings/", "/plan", "/month"):
        sent_to = traefik.get(path, Authorization=AUTHORIZATION)[1]["location"]
        assert sent_to is None or sent_to.startswith(("/", traefik.url)), path


def test_what_never_changes_is_kept_for_a_year(traefik: Traefik) -> None:
    page = traefik.get("/settings", Authorization=AUTHORIZATION)[2]
    assets = {part.split('"')[0] for part in page.split('"/')[1:] if part.startswith(("_nicegui/", "static/"))}
    assert len(assets) > 8
    for asset in assets:
        headers = traefik.get(f"/{asset}", Authorization=AUTHORIZATION)[1]
        assert "max-age=31536000" in headers["cache-control"], asset
    assert "max-age" not in (traefik.get("/settings", Authorization=AUTHORIZATION)[1]["cache-control"] or "")
