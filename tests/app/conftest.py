"""A person at a laptop, as in the walks."""

from __future__ import annotations

from tests.walk.conftest import visit

__all__ = ["visit"]
