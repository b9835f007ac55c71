"""How much is tried: `make test EXAMPLES=1000` tries more than the minute that everyone has."""

from __future__ import annotations

import os

EXAMPLES = int(os.environ.get("EXAMPLES", "50"))
