"""The household: its plan, months and postings, and the change log that makes them.

Revision ID: 0001
Revises: -
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE device (
        no INTEGER NOT NULL,
        id BLOB NOT NULL,
        counter INTEGER NOT NULL,
        head BLOB NOT NULL,
        name VARCHAR(120),
        PRIMARY KEY (no),
        UNIQUE (id)
    )
    """,
    """
    CREATE TABLE change (
        device_no INTEGER NOT NULL,
        counter INTEGER NOT NULL,
        stamp INTEGER NOT NULL,
        action INTEGER NOT NULL,
        kind VARCHAR(20) NOT NULL,
        record BLOB NOT NULL,
        op VARCHAR(6) NOT NULL,
        fields TEXT NOT NULL,
        seen TEXT,
        hash BLOB NOT NULL,
        PRIMARY KEY (device_no, counter),
        FOREIGN KEY(device_no) REFERENCES device (no)
    )
     WITHOUT ROWID
    """,
    """
    CREATE INDEX change_by_record ON change (record)
    """,
    """
    CREATE TABLE household (
        id BLOB NOT NULL,
        deleted INTEGER NOT NULL,
        born_stamp INTEGER NOT NULL,
        born_device INTEGER NOT NULL,
        edits TEXT,
        currency VARCHAR(3) NOT NULL,
        debt_target BLOB,
        PRIMARY KEY (id),
        FOREIGN KEY(born_device) REFERENCES device (no)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE month (
        id BLOB NOT NULL,
        deleted INTEGER NOT NULL,
        born_stamp INTEGER NOT NULL,
        born_device INTEGER NOT NULL,
        edits TEXT,
        year_month VARCHAR(7) NOT NULL,
        state VARCHAR(10) NOT NULL,
        activated_ms INTEGER,
        closed_ms INTEGER,
        debt_target BLOB,
        PRIMARY KEY (id),
        FOREIGN KEY(born_device) REFERENCES device (no)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE month_entry (
        id BLOB NOT NULL,
        deleted INTEGER NOT NULL,
        born_stamp INTEGER NOT NULL,
        born_device INTEGER NOT NULL,
        edits TEXT,
        month_id BLOB NOT NULL,
        section VARCHAR(20) NOT NULL,
        name VARCHAR(120) NOT NULL,
        planned INTEGER NOT NULL,
        notes VARCHAR(1024),
        position INTEGER NOT NULL,
        origin_name VARCHAR(120),
        origin_planned INTEGER,
        source BLOB,
        PRIMARY KEY (id),
        FOREIGN KEY(born_device) REFERENCES device (no)
    )
     WITHOUT ROWID
    """,
    """
    CREATE INDEX month_entry_by_month ON month_entry (month_id)
    """,
    """
    CREATE TABLE plan_entry (
        id BLOB NOT NULL,
        deleted INTEGER NOT NULL,
        born_stamp INTEGER NOT NULL,
        born_device INTEGER NOT NULL,
        edits TEXT,
        section VARCHAR(20) NOT NULL,
        name VARCHAR(120) NOT NULL,
        planned INTEGER NOT NULL,
        notes VARCHAR(1024),
        position INTEGER NOT NULL,
        goal INTEGER,
        goal_date VARCHAR(10),
        opening_balance INTEGER,
        debt_balance INTEGER,
        apr_basis_points INTEGER,
        PRIMARY KEY (id),
        FOREIGN KEY(born_device) REFERENCES device (no)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE posting (
        id BLOB NOT NULL,
        deleted INTEGER NOT NULL,
        born_stamp INTEGER NOT NULL,
        born_device INTEGER NOT NULL,
        edits TEXT,
        entry_id BLOB NOT NULL,
        day VARCHAR(10) NOT NULL,
        amount INTEGER NOT NULL,
        payee VARCHAR(120) COLLATE "NOCASE",
        description VARCHAR(500),
        PRIMARY KEY (id),
        FOREIGN KEY(born_device) REFERENCES device (no)
    )
     WITHOUT ROWID
    """,
    """
    CREATE INDEX posting_by_entry ON posting (entry_id, day, deleted, amount)
    """,
    """
    CREATE INDEX posting_by_payee ON posting (payee, day)
    """,
    """
    CREATE TABLE this_device (
        only INTEGER NOT NULL CONSTRAINT one_row CHECK (only = 1),
        household BLOB NOT NULL,
        device_no INTEGER NOT NULL,
        clock INTEGER NOT NULL,
        PRIMARY KEY (only),
        FOREIGN KEY(device_no) REFERENCES device (no)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
