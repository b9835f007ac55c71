"""Numbers in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Labels = tuple[tuple[str, str], ...]


def gauge(name: str, explained: str, *values: tuple[Mapping[str, str], float], kind: str = "gauge") -> Iterator[str]:
    """The lines of one number, or of one for each set of labels."""
    yield f"# HELP {name} {explained}"
    yield f"# TYPE {name} {kind}"
    for labels, value in values:
        yield f"{name}{_labelled(labels.items())} {value:.15g}"


class Durations:
    """How long things took, by kind: a histogram. May be told in any thread."""

    def __init__(self, name: str, explained: str) -> None:
        self._name, self._explained = name, explained
        self._telling = threading.Lock()
        self._counts: dict[Labels, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS_S) + 1))
        self._sums: dict[Labels, float] = defaultdict(float)

    def took(self, seconds: float, **labels: str) -> None:
        key = tuple(labels.items())
        with self._telling:
            self._counts[key][bisect_left(BOUNDS_S, seconds)] += 1
            self._sums[key] += seconds

    def lines(self) -> Iterator[str]:
        with self._telling:
            found = [(key, tuple(counts), self._sums[key]) for key, counts in self._counts.items()]
        yield f"# HELP {self._name} {self._explained}"
        yield f"# TYPE {self._name} histogram"
        for key, counts, total in found:
            below = 0
            for bound, count in zip((*BOUNDS_S, None), counts, strict=True):
                below += count
                le = "+Inf" if bound is None else f"{bound:g}"
                yield f"{self._name}_bucket{_labelled((*key, ('le', le)))} {below}"
            yield f"{self._name}_sum{_labelled(key)} {total:.15g}"
            yield f"{self._name}_count{_labelled(key)} {below}"


def _labelled(labels: Iterable[tuple[str, str]]) -> str:
    said = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{said}}}" if said else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
