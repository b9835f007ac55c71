"""What this program is: its version, and the libraries that it is made with."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path

NAME = "quartermaster"
FACES = frozenset({"window"})
"""What may be installed beside the program itself; its other extras are for those who work on it."""
TEXTS = re.compile(r"(?:licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")
_REQUIREMENT = re.compile(r"\s*([\w.-]+)\s*(?:\[([^\]]*)\])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """One that this copy of the program is made with, and the licence that it names itself."""

    name: str
    version: str
    licence: str


@cache
def program_version() -> str:
    """The version that pyproject.toml names: read there in a checkout, and from the package where it is installed."""
    try:
        return _of_the_checkout() or version(NAME)
    except PackageNotFoundError:
        return "unknown"


@cache
def libraries() -> tuple[Library, ...]:
    """All that are here, by name; none where the program was copied without a word about what it needs."""
    found = sorted(_needed().items())
    return tuple(
        Library(name=one.metadata["Name"], version=one.version, licence=_licence(one))
        for name, one in found
        if name != NAME
    )


def licence_text(library: str) -> str | None:
    """The licences that come with the program or a library of it, whole; None when it is not one of them."""
    one = _needed().get(_normal(library))
    if one is None:
        return None
    files = [file for file in one.files or () if TEXTS.search(str(file))]
    texts = [Path(str(file.locate())).read_text(encoding="utf-8", errors="replace") for file in files]
    return "\n\n\n".join(text for text in texts if text.strip()) or f"{_licence(one)}. It comes without a text."


def _of_the_checkout() -> str | None:
    # Also where another version is installed beside it: this is the code that runs.
    project = Path(__file__).parents[1] / "pyproject.toml"
    if not project.is_file():
        return None
    told = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
    return str(told["version"]) if told.get("name") == NAME else None


@cache
def _needed() -> dict[str, Distribution]:
    """The program and what it needs, what that needs, and so on, as far as it is here."""
    found: dict[str, Distribution] = {}
    looked: set[tuple[str, frozenset[str]]] = set()
    to_look = [(NAME, FACES)]
    while to_look:
        name, extras = to_look.pop()
        if (name, extras) in looked:
            continue
        looked.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue
        to_look += _requirements(found[name], extras)
    return found


def _requirements(one: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for requirement in one.requires or ():
        named, _, marker = requirement.partition(";")
        parts = _REQUIREMENT.match(named)
        extra = _EXTRA.search(marker)
        if parts and (extra is None or extra[1] in extras):
            wanted = frozenset(word.strip() for word in (parts[2] or "").split(",") if word.strip())
            yield _normal(parts[1]), wanted


def _licence(one: Distribution) -> str:
    told = one.metadata.get_all
    for expression in told("License-Expression") or ():
        return str(expression)
    classified = [line.rpartition(" :: ")[2] for line in told("Classifier") or () if line.startswith("License :: ")]
    # What is longer than a line is the licence's text.
    named = [text for text in told("License") or () if text and "\n" not in text]
    return ", ".join(classified or named) or "A licence of its own"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
