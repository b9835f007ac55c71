"""What signs the browsers' cookies."""

from __future__ import annotations

from pathlib import Path

from quartermaster.web.secret import own_secret


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = own_secret(tmp_path)
    assert len(made) > 30
    assert own_secret(tmp_path) == made
    assert (tmp_path / "browsers.secret").stat().st_mode & 0o077 == 0


def test_one_that_was_never_written_to_the_end_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "browsers.secret").touch()
    made = own_secret(tmp_path)
    assert len(made) > 30
    assert own_secret(tmp_path) == made
