"""`quartermaster` and `python -m quartermaster`."""

from __future__ import annotations

import sys

from quartermaster.window.part import early


def main() -> None:
    """Run the command line; where it is to be a window, its server part starts at once, beside everything else."""
    part = early(sys.argv[1:])
    from quartermaster.cli import main as run

    run(part=part)


if __name__ == "__main__":
    main()
