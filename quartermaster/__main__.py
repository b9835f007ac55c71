"""`quartermaster` and `python -m quartermaster`."""

from __future__ import annotations

import signal
import sys

from quartermaster.window.part import early
from quartermaster.window.serving import BEHIND

SERVING = ("serve", "demo", BEHIND)
STOPPED = 128 + signal.SIGTERM
"""What a shell says of a command that was stopped before it was done."""


def main() -> None:
    """Run the command line; where it is to be a window, its server part starts at once, beside everything else."""
    # First of all: the first process of a container is not ended by a signal that it does not handle. A command that
    # is stopped cleans up as it would after an error; for a server it is the proper end.
    code = 0 if not sys.argv[1:] or sys.argv[1] in SERVING else STOPPED
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(code))
    part = early(sys.argv[1:])
    from quartermaster.cli import main as run

    run(part=part)


if __name__ == "__main__":
    main()
