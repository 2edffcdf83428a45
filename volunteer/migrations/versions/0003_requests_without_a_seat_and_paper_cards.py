"""Requests without a seat and paper cards.

A make-up request of somebody who was not on the list has no seat until the hours are entered; one request
is under way for a person and shift, with a seat or without. A volunteer's paper card has an issue number.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIMES = sa.CheckConstraint("went_at > came_at", name="ck_make_up_times")
"""SQLite changes a column by building the table anew, and does not read this back from the old one."""
UNDER_WAY = sa.text("ended_at IS NULL")

SEATS = """
INSERT INTO assignment (shift_id, volunteer_id, unit_id, state, source, told_at, answer_reason, version)
SELECT DISTINCT m.shift_id, m.volunteer_id, v.unit_id, 'expired', 'make_up', v.first_at, '', 1
FROM make_up m
JOIN (SELECT v.id, v.unit_id, MIN(o.asked_at) AS first_at FROM volunteer v
      JOIN make_up o ON o.volunteer_id = v.id GROUP BY v.id, v.unit_id) v ON v.id = m.volunteer_id
WHERE m.assignment_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM assignment a WHERE a.shift_id = m.shift_id AND a.volunteer_id = m.volunteer_id)
"""
SEATED = """
UPDATE make_up SET assignment_id = (
    SELECT a.id FROM assignment a
    WHERE a.shift_id = make_up.shift_id AND a.volunteer_id = make_up.volunteer_id)
WHERE assignment_id IS NULL
"""


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("make_up", table_args=(TIMES,)) as batch_op:
        batch_op.alter_column("assignment_id", existing_type=sa.Integer(), nullable=True)
    op.create_index(
        "uq_make_up_under_way",
        "make_up",
        ["shift_id", "volunteer_id"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.add_column(
        "volunteer", sa.Column("card_issue", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Go back; a request without a seat gets one that nobody answered, so that none is lost."""
    op.drop_column("volunteer", "card_issue")
    op.drop_index("uq_make_up_under_way", "make_up")
    op.execute(SEATS)
    op.execute(SEATED)
    with op.batch_alter_table("make_up", table_args=(TIMES,)) as batch_op:
        batch_op.alter_column("assignment_id", existing_type=sa.Integer(), nullable=False)
