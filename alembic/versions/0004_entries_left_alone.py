"""Which entries share a name because a person wants them to.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE left_alone (
            record BLOB NOT NULL,
            called TEXT NOT NULL,
            PRIMARY KEY (record)
        )
         WITHOUT ROWID
        """
    )
