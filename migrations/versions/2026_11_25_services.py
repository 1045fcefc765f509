"""Services, a new kind. The application's rights on the table come from the default privileges of the spine."""

import sqlalchemy as sa
from alembic import op

from raccord.kernel.tables import JsonText

revision = "20261125_services"
down_revision = "20261125_structures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "services",
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
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("fee", sa.Text(), nullable=True),
        sa.Column("topics", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("topic_categories", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("audiences", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("reception_modes", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("eligibility_zones", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("insee_code", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("services_pkey")),
    )
    op.create_index(op.f("services_source_external_id_idx"), "services", ["source", "external_id"], unique=True)
    op.create_index(op.f("services_updated_at_id_idx"), "services", ["updated_at", "id"], unique=False)
    op.create_index(op.f("services_structure_id_idx"), "services", ["structure_id"], unique=False)
    op.create_index(
        op.f("services_department_updated_at_id_idx"), "services", ["department", "updated_at", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("services")
