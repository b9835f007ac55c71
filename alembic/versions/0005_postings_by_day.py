"""An index of postings by day: the newest of the whole household are found without reading all of them.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX posting_by_day ON posting (day)")
