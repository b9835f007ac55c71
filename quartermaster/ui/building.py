"""How long a page may take to be built."""

BUILT_WITHIN_S = 30.0
"""A machine that is slow or busy shows a page late, and not an error: NiceGUI would give it up after three seconds."""
