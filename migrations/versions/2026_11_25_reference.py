"""The reference lists that are too long for the code, and which edition of each is loaded."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from raccord.kernel.tables import JsonText

revision = "20261125_reference"
down_revision = "20261122_jobs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reference_editions",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=True),
        sa.Column("entries_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("is_shipped", sa.Boolean(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("list", name=op.f("reference_editions_pkey")),
        comment="is_shipped is false for what an operator loaded, which no migration replaces.",
    )
    op.create_table(
        "reference_entries",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("label_fr", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=True),
        sa.Column("parent_code", sa.Text(collation="C"), nullable=True),
        sa.Column("valid_from_on", sa.Date(), nullable=True),
        sa.Column("valid_until_on", sa.Date(), nullable=True),
        sa.Column("crosswalks", JsonText(), nullable=False),
        sa.Column("attributes", JsonText(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("list", "code", name=op.f("reference_entries_pkey")),
        comment=(
            "rank orders what a search finds; words hold the folded label, the code, and other codes that lead here."
        ),
    )
    op.create_index(
        op.f("reference_entries_list_parent_code_code_idx"),
        "reference_entries",
        ["list", "parent_code", "code"],
        unique=False,
    )
    op.create_index(
        op.f("reference_entries_words_idx"),
        "reference_entries",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def downgrade() -> None:
    op.drop_table("reference_entries")
    op.drop_table("reference_editions")
