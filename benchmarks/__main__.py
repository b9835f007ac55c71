"""`python -m benchmarks [PART …]`: measures all, or the parts that are named, and prints a table.

The parts are services, pages, large, health, sync, growth and window; and packages, only where it is named:
`make package` makes them before.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import growth, health, large, packages, pages, services, sync, window
from benchmarks.figures import print_table


def main(wanted: list[str]) -> int:
    usual = {
        "services": services.measured,
        "pages": pages.measured,
        "large": large.measured,
        "health": health.measured,
        "sync": sync.measured,
        "growth": growth.measured,
        "window": window.measured,
    }
    parts = {**usual, "packages": packages.measured}
    unknown = [name for name in wanted if name not in parts]
    if unknown:
        print(f"There is no part {', '.join(unknown)}. Choose from {', '.join(parts)}.", file=sys.stderr)
        return 2
    missed = False
    for name in wanted or usual:
        with tempfile.TemporaryDirectory() as folder:
            figures = parts[name](Path(folder))
        if figures:
            print_table(figures)
        missed = missed or any(figure.verdict == "MISSED" for figure in figures)
    return int(missed)


sys.exit(main(sys.argv[1:]))
