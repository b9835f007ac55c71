"""Edits that lost to another device's, until a person has looked at them. Kept on each device for itself.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE lost_edit (
            device_no INTEGER NOT NULL,
            counter INTEGER NOT NULL,
            field VARCHAR(40) NOT NULL,
            PRIMARY KEY (device_no, counter, field),
            FOREIGN KEY(device_no) REFERENCES device (no)
        ) WITHOUT ROWID
        """
    )
