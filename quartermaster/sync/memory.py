"""What the server had last time, in a small file beside the data: a start without a network can say what waits."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from quartermaster.storage.change import compact
from quartermaster.storage.exchange import Vector
from quartermaster.storage.shapes import Misshapen
from quartermaster.sync.reading import uuid, vector


@dataclass(frozen=True, slots=True)
class Remembered:
    """How far a household's server was at `at_ms`. Only a hint: the server is asked all the same."""

    url: str
    household: UUID
    vector: Vector = field(default_factory=dict)
    at_ms: int = 0


def recall(path: Path) -> Remembered | None:
    """What was remembered; None where that cannot be read."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Remembered(str(said["url"]), uuid(said["household"]), vector(said["vector"]), int(said["at_ms"]))
    except (OSError, ValueError, KeyError, TypeError, Misshapen):
        return None


def remember(path: Path, what: Remembered) -> None:
    """Write it down; a full disk or a read-only folder is no reason to stop."""
    known = {device.hex: [counter, head.hex()] for device, (counter, head) in what.vector.items()}
    said = {"url": what.url, "household": what.household.hex, "vector": known, "at_ms": what.at_ms}
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        partial.write_text(compact(said), encoding="utf-8")
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
