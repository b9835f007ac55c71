"""The certificate of a private authority, as it is typed: pasted, or a path; kept where a connection finds it."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from quartermaster.domain.errors import Refused
from quartermaster.sync.authority import authority_file

CERTIFICATES = Path(__file__).parent / "certificates"
PEM = (CERTIFICATES / "ca.pem").read_text(encoding="ascii")


def test_what_is_pasted_is_kept_in_a_file_that_connections_can_use(tmp_path: Path) -> None:
    path = authority_file(f"  \n{PEM}\n\n", tmp_path / "config")
    assert path is not None
    assert path.parent == tmp_path / "config"
    assert ssl.create_default_context(cafile=path).get_ca_certs()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_the_same_certificate_is_kept_once(tmp_path: Path) -> None:
    assert authority_file(PEM, tmp_path) == authority_file(PEM.strip(), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_is_named_is_copied_and_may_go(tmp_path: Path) -> None:
    path = tmp_path / "own.pem"
    path.write_text(PEM, encoding="ascii")
    kept = authority_file(str(path), tmp_path / "config")
    assert kept == authority_file(PEM, tmp_path / "config")
    path.unlink()
    assert ssl.create_default_context(cafile=kept).get_ca_certs()


def test_what_lies_beside_the_certificate_is_not_copied(tmp_path: Path) -> None:
    kept = authority_file(str(CERTIFICATES / "server.pem"), tmp_path / "config")
    assert kept is not None
    assert "PRIVATE KEY" in (CERTIFICATES / "server.pem").read_text(encoding="ascii")
    assert "PRIVATE KEY" not in kept.read_text(encoding="ascii")


def test_nothing_typed_is_no_authority(tmp_path: Path) -> None:
    assert authority_file(" \n", tmp_path) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (PEM[:200], "cannot be read"),
        ("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----", "cannot be read"),
        ("/no/such/file.pem", "Paste the certificate"),
        ("certificate", "Paste the certificate"),
        ("x" * 5_000, "Paste the certificate"),
        ("a\0b", "Paste the certificate"),
    ],
)
def test_what_is_none_is_refused_and_nothing_is_kept(tmp_path: Path, typed: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        authority_file(typed, tmp_path / "config")
    assert refused.value.field == "authority"
    assert not (tmp_path / "config").exists()


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing of that kind", encoding="ascii")
    with pytest.raises(Refused, match="cannot be read"):
        authority_file(str(path), tmp_path)
