"""Jobs (Procrastinate's own objects), and the ledger of imports."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

from raccord.kernel.schema import run_script

revision = "20261122_jobs"
down_revision = "20261122_spine"
branch_labels = None
depends_on = None

# Payloads come compressed or are read once: PostgreSQL's own compression would only cost.
STORAGE = "ALTER TABLE imports ALTER COLUMN payload SET STORAGE EXTERNAL"

DROP_JOBS = """
DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE;
DO $$
DECLARE made record;
BEGIN
    FOR made IN SELECT oid::regprocedure AS name FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP FUNCTION ' || made.name;
    END LOOP;
END $$;
DROP TYPE procrastinate_job_to_defer_v1;
DROP TYPE procrastinate_job_status;
DROP TYPE procrastinate_job_event_type;
"""


def upgrade() -> None:
    # A later version of Procrastinate brings its changes as files of its own: one revision for each.
    run_script(SchemaManager.get_schema())
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines_read", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("updated_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rejected_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("payload_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("failure_code", sa.Text(), nullable=True),
        sa.Column("failure_fr", sa.Text(), nullable=True),
        sa.Column("failure_en", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progressed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'running', 'completed', 'failed')", name=op.f("imports_state_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("imports_pkey")),
        comment=(
            "lines_read is also the place from which a stopped import goes on; the payload is dropped at the end."
        ),
    )
    op.create_index(op.f("imports_client_id_id_idx"), "imports", ["client_id", "id"], unique=False)
    op.execute(STORAGE)
    op.create_table(
        "import_rejections",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=True),
        sa.Column("message_fr", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("import_rejections_import_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "line", "number", name=op.f("import_rejections_pkey")),
        comment="Why a line was refused, one row for each field at fault. Never the value.",
    )


def downgrade() -> None:
    op.drop_table("import_rejections")
    op.drop_index(op.f("imports_client_id_id_idx"), table_name="imports")
    op.drop_table("imports")
    run_script(DROP_JOBS)
