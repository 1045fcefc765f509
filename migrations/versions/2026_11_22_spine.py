"""The spine: records, versions, the change log, access, OAuth2 clients, jobs.

Personal tables are closed by row-level security, forced on their owner too: without the context of a client or of the
system they are empty.
"""

import sqlalchemy as sa
from alembic import op

from raccord.kernel.schema import run_script
from raccord.kernel.tables import JsonText

revision = "20261122_spine"
down_revision = None
branch_labels = None
depends_on = None

PERSONAL = ("people", "prescriptions", "career_paths")

# Only what the whole schema needs; the search of later issues adds unaccent and pg_trgm.
POLICIES = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY seen_by_client ON {table} FOR SELECT USING (
    EXISTS (SELECT 1 FROM record_access AS a
            WHERE a.client_id = nullif(current_setting('raccord.client_id', true), '')::uuid
              AND a.record_id = {table}.{key} AND a.valid_until > now()){also});
CREATE POLICY written_by_system ON {table} FOR ALL
    USING (current_setting('raccord.is_system', true) = 'on')
    WITH CHECK (current_setting('raccord.is_system', true) = 'on');
"""

PARTITIONS = """
CREATE TABLE change_log_default PARTITION OF change_log DEFAULT;
CREATE TABLE consultation_log_default PARTITION OF consultation_log DEFAULT;
CREATE FUNCTION add_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
-- Ten million positions, or a month, to a partition; made ahead, so that the default ones stay empty.
DECLARE
    step constant bigint := 10000000;
    first bigint; month date; name text;
BEGIN
    SELECT position / step * step INTO first FROM feed_head;
    FOR i IN 0..1 LOOP
        name := 'change_log_' || (first / step + i);
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF change_log FOR VALUES FROM (%s) TO (%s)',
                           name, first + i * step, first + (i + 1) * step);
            EXECUTE format('REVOKE ALL ON %I FROM raccord_app', name);
        END IF;
    END LOOP;
    FOR i IN 0..2 LOOP
        month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i);
        name := 'consultation_log_' || to_char(month, 'YYYY_MM');
        IF to_regclass(name) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF consultation_log FOR VALUES FROM (%L) TO (%L)',
                           name, month::timestamp AT TIME ZONE 'UTC',
                           (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            EXECUTE format('REVOKE ALL ON %I FROM raccord_app', name);
        END IF;
    END LOOP;
END $$;
"""

# The application's role; it is made here where nobody made it before.
ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'raccord_app') THEN
        CREATE ROLE raccord_app NOLOGIN NOBYPASSRLS;
    END IF;
END $$;
"""

RIGHTS = """
GRANT USAGE ON SCHEMA public TO raccord_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO raccord_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO raccord_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO raccord_app;
GRANT EXECUTE ON FUNCTION add_partitions() TO raccord_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM raccord_app;
REVOKE UPDATE, DELETE, TRUNCATE ON consultation_log, change_log FROM raccord_app;
-- A partition has no policy of its own: it is reached through its log alone.
DO $$ DECLARE part regclass; BEGIN
    FOR part IN SELECT inhrelid FROM pg_inherits
                WHERE inhparent IN ('change_log'::regclass, 'consultation_log'::regclass) LOOP
        EXECUTE format('REVOKE ALL ON %s FROM raccord_app', part);
    END LOOP;
END $$;
"""


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("structure_id", name=op.f("agreements_pkey")),
        comment="Data-processing agreements; also the row that is locked when a structure's links or grants change.",
    )
    op.create_table(
        "career_paths",
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
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("career_paths_pkey")),
    )
    op.create_index(op.f("career_paths_person_id_idx"), "career_paths", ["person_id"], unique=False)
    op.create_index(op.f("career_paths_source_external_id_idx"), "career_paths", ["source", "external_id"], unique=True)
    op.create_index(op.f("career_paths_updated_at_id_idx"), "career_paths", ["updated_at", "id"], unique=False)
    op.create_table(
        "change_inbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("changed_fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("change_inbox_pkey")),
    )
    op.create_table(
        "change_log",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("changed_fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("change_log_pkey")),
        postgresql_partition_by="RANGE (position)",
    )
    op.create_table(
        "consultation_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("at", "id", name=op.f("consultation_log_pkey")),
        comment="Who read what about whom, when and why. Insert only.",
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(op.f("consultation_log_person_id_at_idx"), "consultation_log", ["person_id", "at"], unique=False)
    op.create_table(
        "feed_head",
        sa.Column("only", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("oldest_position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("feed_head_pkey")),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("grants_pkey")),
    )
    op.create_index(op.f("grants_client_id_idx"), "grants", ["client_id"], unique=False)
    op.create_index(op.f("grants_structure_id_idx"), "grants", ["structure_id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "operation", "key", name=op.f("idempotency_keys_pkey")),
        comment="What a keyed request made; its answer is rebuilt from the version, so no personal data is here.",
    )
    op.create_index(op.f("idempotency_keys_created_at_idx"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "links",
        sa.Column("via_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("structure_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("via_id", "record_id", "structure_id", "basis", name=op.f("links_pkey")),
    )
    op.create_index(op.f("links_record_id_idx"), "links", ["record_id"], unique=False)
    op.create_index(op.f("links_structure_id_idx"), "links", ["structure_id"], unique=False)
    op.create_table(
        "oauth_clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("purposes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source ~ '^[a-z0-9][a-z0-9_-]{0,62}$'", name=op.f("oauth_clients_source_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("oauth_clients_pkey")),
        comment="Partners' software; the id is the public client_id.",
    )
    op.create_index(
        "oauth_clients_source_key",
        "oauth_clients",
        ["source"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "people",
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
        sa.Column("managing_structure_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("people_pkey")),
    )
    op.create_index(op.f("people_source_external_id_idx"), "people", ["source", "external_id"], unique=True)
    op.create_index(op.f("people_updated_at_id_idx"), "people", ["updated_at", "id"], unique=False)
    op.create_table(
        "prescriptions",
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
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("prescriber_structure_id", sa.Uuid(), nullable=True),
        sa.Column("recipient_structure_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("state_authority", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("prescriptions_pkey")),
    )
    op.create_index(op.f("prescriptions_person_id_idx"), "prescriptions", ["person_id"], unique=False)
    op.create_index(
        op.f("prescriptions_source_external_id_idx"), "prescriptions", ["source", "external_id"], unique=True
    )
    op.create_index(op.f("prescriptions_updated_at_id_idx"), "prescriptions", ["updated_at", "id"], unique=False)
    op.create_table(
        "record_access",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "record_id", name=op.f("record_access_pkey")),
    )
    op.create_index(
        op.f("record_access_client_id_kind_updated_at_record_id_idx"),
        "record_access",
        ["client_id", "kind", "updated_at", "record_id"],
        unique=False,
    )
    op.create_index(op.f("record_access_record_id_idx"), "record_access", ["record_id"], unique=False)
    op.create_index(op.f("record_access_valid_until_idx"), "record_access", ["valid_until"], unique=False)
    op.create_table(
        "record_heads",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("record_heads_pkey")),
        comment="One row a personal record: what is locked when its access is computed.",
    )
    op.create_table(
        "record_versions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shape_version", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("document", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "version", name=op.f("record_versions_pkey")),
        comment="Documents that were replaced; the present one stands in its kind's table.",
    )
    op.create_index(op.f("record_versions_person_id_idx"), "record_versions", ["person_id"], unique=False)
    op.create_table(
        "structures",
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
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("siret", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("insee_code", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("habilitation", sa.Text(), nullable=True),
        sa.Column("is_antenna", sa.Boolean(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("structures_pkey")),
    )
    op.create_index(
        op.f("structures_department_kind_updated_at_id_idx"),
        "structures",
        ["department", "kind", "updated_at", "id"],
        unique=False,
    )
    op.create_index(op.f("structures_kind_updated_at_id_idx"), "structures", ["kind", "updated_at", "id"], unique=False)
    op.create_index(
        "structures_natural_key",
        "structures",
        ["source", "siret", "kind"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(op.f("structures_siret_idx"), "structures", ["siret"], unique=False)
    op.create_index(op.f("structures_source_external_id_idx"), "structures", ["source", "external_id"], unique=True)
    op.create_index(op.f("structures_updated_at_id_idx"), "structures", ["updated_at", "id"], unique=False)
    op.create_table(
        "oauth_client_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_clients.id"], name=op.f("oauth_client_secrets_client_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("oauth_client_secrets_pkey")),
        comment="At most two live secrets a client, so that one replaces the other without an interruption.",
    )
    op.create_index(op.f("oauth_client_secrets_client_id_idx"), "oauth_client_secrets", ["client_id"], unique=False)
    op.create_table(
        "oauth_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("purposes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_clients.id"], name=op.f("oauth_tokens_client_id_fkey")),
        sa.PrimaryKeyConstraint("digest", name=op.f("oauth_tokens_pkey")),
        comment="Opaque access tokens.",
    )
    op.create_index(op.f("oauth_tokens_client_id_idx"), "oauth_tokens", ["client_id"], unique=False)
    op.create_index(op.f("oauth_tokens_expires_at_idx"), "oauth_tokens", ["expires_at"], unique=False)
    op.execute("INSERT INTO feed_head (position, oldest_position) VALUES (0, 0)")
    run_script(ROLE)
    run_script(PARTITIONS)
    op.execute("SELECT add_partitions()")
    for table in PERSONAL:
        run_script(POLICIES.format(table=table, key="id", also=""))
    # Versions and changes of open kinds are open as their records are.
    run_script(
        POLICIES.format(table="record_versions", key="record_id", also=f" OR kind <> ALL ('{{{', '.join(PERSONAL)}}}')")
    )
    run_script("""
        ALTER TABLE change_log ENABLE ROW LEVEL SECURITY;
        ALTER TABLE change_log FORCE ROW LEVEL SECURITY;
        CREATE POLICY seen_by_client ON change_log FOR SELECT USING (
            NOT is_personal
            OR audience = nullif(current_setting('raccord.client_id', true), '')::uuid
            OR (audience IS NULL AND EXISTS (
                SELECT 1 FROM record_access AS a
                WHERE a.client_id = nullif(current_setting('raccord.client_id', true), '')::uuid
                  AND a.record_id = change_log.record_id AND a.valid_until > now())));
        CREATE POLICY seen_by_system ON change_log FOR SELECT
            USING (current_setting('raccord.is_system', true) = 'on');
        CREATE POLICY appended_by_sequencer ON change_log FOR INSERT WITH CHECK (true);
    """)
    run_script(RIGHTS)


# The tables whose policies read record_access come before it; an index goes with its table.
TABLES = (
    "oauth_tokens", "oauth_client_secrets", "oauth_clients", "structures", "prescriptions", "people", "career_paths",
    "record_versions", "change_log", "change_inbox", "feed_head", "consultation_log", "idempotency_keys",
    "record_access", "record_heads", "links", "grants", "agreements",
)  # fmt: skip


def downgrade() -> None:
    op.execute("DROP FUNCTION add_partitions()")
    for table in TABLES:
        op.drop_table(table)
