"""A new data file, while another program makes it."""

from __future__ import annotations

import threading
from pathlib import Path

from quartermaster.storage.backup import private_file
from quartermaster.storage.migrate import head, revision_of, upgrade

TIMES = 20


def test_a_file_that_another_program_makes_at_this_moment_is_none_yet_or_whole(tmp_path: Path) -> None:
    for number in range(TIMES):
        path = private_file(tmp_path / f"{number}.db")
        making = threading.Thread(target=upgrade, args=(path,))
        making.start()
        while making.is_alive():
            assert revision_of(path) in (None, head())
        making.join()
        assert revision_of(path) == head()
