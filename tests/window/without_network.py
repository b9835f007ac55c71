"""A session with the window where no network is; run in a network namespace of its own, with loopback alone."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from pathlib import Path

from tests.window.opened import Opened
from tests.window.screen import Screen
from tests.window.test_a_day import add_by_typing, household

TEST_NET = ("192.0.2.1", 9)
"""An address for documentation: nobody has it."""


def main(folder: Path) -> None:
    screen = Screen()
    try:
        window = Opened(screen, folder)
        month = household(window)
        window.remember(page=f"/month/{month}")
        with window:
            add_by_typing(window, month)
            window.find("backups", "Backups · Quartermaster")
            window.find("back up now", "Backups · Quartermaster")
            window.until(lambda: any((folder / "backups").glob("*-manual.db")))
            assert window.close() == 0
    finally:
        screen.close()
    assert tries() == 0, "something tried to reach another machine"
    # The counter counts: a name that is looked up is seen, and so is a try to leave.
    with suppress(OSError):
        socket.getaddrinfo("quartermaster.example", 443)
    asked = tries()
    assert asked > 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as leaving, suppress(OSError):
        leaving.sendto(b"", TEST_NET)
    assert tries() > asked
    sys.stdout.write("It works, and nothing tried to leave.\n")


def tries() -> int:
    """How many packets of this namespace had no way to go."""
    head, row = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Ip:")]
    newer = [line.split() for line in Path("/proc/net/snmp6").read_text().splitlines()]
    return int(row[head.index("OutNoRoutes")]) + sum(int(line[1]) for line in newer if line[0] == "Ip6OutNoRoutes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
