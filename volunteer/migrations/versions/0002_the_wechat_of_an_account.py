"""The WeChat of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "wechat_bond",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("openid_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("notice_version", sa.String(length=20), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_wechat_bond_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_wechat_bond")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("wechat_bond")
