"""Job offers, a new kind, and their likely duplicates. The application's rights come from the default privileges."""

import sqlalchemy as sa
from alembic import op

from raccord.kernel.tables import JsonText

revision = "20261125_job_offers"
down_revision = "20261125_services"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shape_version", sa.SmallInteger(), nullable=False),
        sa.Column("raw_hash", sa.LargeBinary(), nullable=True),
        sa.Column("document", JsonText(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=True),
        sa.Column("siret", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("rome_code", sa.Text(), nullable=True),
        sa.Column("contract_type", sa.Text(), nullable=True),
        sa.Column("work_mode", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("insee_code", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("licence_code", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("visible_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("job_offers_pkey")),
    )
    op.create_index(op.f("job_offers_source_external_id_idx"), "job_offers", ["source", "external_id"], unique=True)
    op.create_index(op.f("job_offers_updated_at_id_idx"), "job_offers", ["updated_at", "id"], unique=False)
    op.create_index(op.f("job_offers_structure_id_idx"), "job_offers", ["structure_id"], unique=False)
    op.create_index(
        op.f("job_offers_department_updated_at_id_idx"), "job_offers", ["department", "updated_at", "id"], unique=False
    )
    op.create_index(
        "job_offers_expires_on_idx",
        "job_offers",
        ["expires_on"],
        unique=False,
        postgresql_where=sa.text("expires_on IS NOT NULL"),
    )
    op.create_table(
        "job_offer_blocks",
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("block", "offer_id", name=op.f("job_offer_blocks_pkey")),
        comment="Digests of employer and postal code: offers that share one may be the same.",
    )
    op.create_index(op.f("job_offer_blocks_offer_id_idx"), "job_offer_blocks", ["offer_id"], unique=False)
    op.create_table(
        "job_offer_duplicates",
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("canonical_id", sa.Uuid(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("job_offer_duplicates_ordered_check")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("job_offer_duplicates_pkey")),
        comment="Pairs of offers of different sources that seem the same; canonical_id is the one to show.",
    )
    op.create_index(op.f("job_offer_duplicates_second_id_idx"), "job_offer_duplicates", ["second_id"], unique=False)
    op.create_table(
        "job_offer_comparison",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("job_offer_comparison_pkey")),
        comment="The position of the change log up to which offers were compared.",
    )
    op.execute("INSERT INTO job_offer_comparison (position) VALUES (0)")


def downgrade() -> None:
    op.drop_table("job_offer_comparison")
    op.drop_table("job_offer_duplicates")
    op.drop_table("job_offer_blocks")
    op.drop_table("job_offers")
