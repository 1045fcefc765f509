"""Structures complete: columns of their new filters, and a second natural key.

The columns of records that are stored already are filled as these are brought to the new shape, by writing or by the
job that does it ahead; a release before this one leaves them null.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_structures"
down_revision = "20261125_reference"
branch_labels = None
depends_on = None

COLUMNS = (
    ("siren", sa.Text()),
    ("safir_code", sa.Text()),
    ("roles", sa.ARRAY(sa.Text())),
    ("networks", sa.ARRAY(sa.Text())),
    ("topics", sa.ARRAY(sa.Text())),
    ("topic_categories", sa.ARRAY(sa.Text())),
    ("active_until_on", sa.Date()),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("structures", sa.Column(name, kind, nullable=True))
    op.execute("ALTER INDEX structures_natural_key RENAME TO structures_siret_kind_key")
    op.create_index(op.f("structures_siren_idx"), "structures", ["siren"], unique=False)
    op.create_index(
        "structures_safir_code_key",
        "structures",
        ["source", "safir_code"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("structures_safir_code_key", table_name="structures")
    op.drop_index(op.f("structures_siren_idx"), table_name="structures")
    op.execute("ALTER INDEX structures_siret_kind_key RENAME TO structures_natural_key")
    for name, _ in COLUMNS:
        op.drop_column("structures", name)
