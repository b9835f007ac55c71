"""What devices are called travels, and when each was met is kept.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE device_card (
        id BLOB NOT NULL,
        deleted INTEGER NOT NULL,
        born_stamp INTEGER NOT NULL,
        born_device INTEGER NOT NULL,
        edits TEXT,
        name VARCHAR(120),
        forgotten INTEGER,
        PRIMARY KEY (id),
        FOREIGN KEY(born_device) REFERENCES device (no)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE met (
        device_no INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        PRIMARY KEY (device_no),
        FOREIGN KEY(device_no) REFERENCES device (no)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
