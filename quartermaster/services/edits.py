"""What verbs share about editing: the mark for a field left alone, and what a deletion tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal


class Keep(Enum):
    """A field that the edit does not touch; None would mean "make it empty"."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
Kept = Literal[Keep.KEEP]


@dataclass(frozen=True, slots=True)
class Deleted:
    """What went: its name, how many postings went with it, and the action that `undo` takes back."""

    name: str
    postings: int
    action: int
