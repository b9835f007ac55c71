"""One measured figure beside its target, and the table that they make."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`most` is the target: the measured value may not be above it."""

    name: str
    value: float
    unit: str
    most: float | None = None

    @property
    def verdict(self) -> str:
        if self.most is None:
            return ""
        return "ok" if self.value <= self.most else "MISSED"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile_95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def print_table(figures: Sequence[Figure]) -> None:
    width = max(len(figure.name) for figure in figures)
    print(f"{'measured':<{width}}  {'value':>10} {'unit':<8} {'target':>8}")
    for figure in figures:
        target = "" if figure.most is None else f"≤ {figure.most:g}"
        print(
            f"{figure.name:<{width}}  {figure.value:>10.2f} {figure.unit:<8} {target:>8}  {figure.verdict}", flush=True
        )
