"""What `make e2e` has started: a container, the engine that runs it, Traefik in front, and a browser that trusts it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.proxied import Traefik
from tests.deploy.test_behind_traefik import arriving, browser
from tests.e2e.__main__ import for_the_container
from tests.e2e.engine import Container, Docker
from tests.running import free_port

__all__ = ["arriving", "browser"]

# Without a container there is nothing here to try: `make e2e` starts one, `make test` does not.
collect_ignore_glob = [] if "E2E_FOLDER" in os.environ else ["test_*.py"]

Another = Callable[..., Container]


@pytest.fixture(scope="session")
def docker() -> Docker:
    return Docker(os.environ["DOCKER_HOST"])


@pytest.fixture(scope="session")
def container(docker: Docker) -> Container:
    """The one that was started as compose.yml says. It is ended when all tests are done, and judged by that."""
    return docker.container(os.environ["NAME"])


@pytest.fixture
def another(docker: Docker, container: Container) -> Iterator[Another]:
    """Makes further containers like it, on a folder of data that may be one from before, at `port`."""
    made: list[Container] = []

    def make(data: str, *, port: int, image: str = os.environ["TAG"]) -> Container:
        folder = Path(os.environ["E2E_FOLDER"]) / data
        if not folder.exists():
            for_the_container(folder)
        name, env = f"{container.name}-{len(made) + 1}", {"QUARTERMASTER_PORT": str(port)}
        made.append(docker.create(name, image, container, data=str(folder), env=env))
        return made[-1]

    yield make
    for one in made:
        one.remove()


@pytest.fixture
def traefik(port: int, tmp_path: Path) -> Iterator[Traefik]:
    """In front of what will listen at `port`, at the public address that all the containers were told."""
    proxy = Traefik(tmp_path, port=int(os.environ["E2E_PROXY_PORT"]))
    with proxy.in_front_of(f"http://127.0.0.1:{port}", is_there=False):
        yield proxy


@pytest.fixture
def port() -> int:
    return free_port()
