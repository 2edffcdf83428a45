"""The first tables of the city."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


TABLES = (
    "ledger_entry",
    "ledger_root",
    "service_record",
    "certificate_record",
    "star_decision",
    "award",
    "breach_entry",
    "check_in",
    "audit_entry",
    "case_event",
    "case_evidence",
)
"""The tables of the record, append only from the first version on."""
SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb_upper} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append only'); END
"""
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$
"""
POSTGRES = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""


def _append_only(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            SQLITE.format(table=table, verb=verb, verb_upper=verb.upper())
            for table in TABLES
            for verb in ("update", "delete")
        ]
    return [POSTGRES_FUNCTION, *(POSTGRES.format(table=table) for table in TABLES)]


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "activity_kind",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("hue", sa.String(length=40), nullable=False),
        sa.Column("nature", sa.String(length=24), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("days", sa.String(length=20), nullable=False),
        sa.Column("min_heads", sa.Integer(), nullable=False),
        sa.Column("target_heads", sa.Integer(), nullable=False),
        sa.Column("max_heads", sa.Integer(), nullable=False),
        sa.Column("needs_leader", sa.Boolean(), nullable=False),
        sa.Column("in_pairs", sa.Boolean(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=False),
        sa.Column("max_age", sa.Integer(), nullable=False),
        sa.Column("is_dangerous", sa.Boolean(), nullable=False),
        sa.Column("required_skills", sa.JSON(), nullable=False),
        sa.Column("kit", sa.JSON(), nullable=False),
        sa.Column("counters", sa.JSON(), nullable=False),
        sa.Column("safety_note", sa.String(length=400), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("reach_metres", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "0 <= min_heads AND min_heads <= target_heads AND target_heads <= max_heads",
            name=op.f("ck_activity_kind_heads"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_kind")),
        sa.UniqueConstraint("code", name=op.f("uq_activity_kind_code")),
        sa.UniqueConstraint("name", name=op.f("uq_activity_kind_name")),
    )
    op.create_table(
        "breach",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kinds", sa.String(length=200), nullable=False),
        sa.Column("cause", sa.String(length=400), nullable=False),
        sa.Column("harm", sa.String(length=400), nullable=False),
        sa.Column("affected", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_by_name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach")),
    )
    with op.batch_alter_table("breach", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breach_found_at"), ["found_at"], unique=False)

    op.create_table(
        "calendar_day",
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("on_date", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("name", name=op.f("uq_campaign_name")),
    )
    op.create_table(
        "city_setting",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_city_setting")),
    )
    op.create_table(
        "district",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("centre_lat", sa.Double(), nullable=True),
        sa.Column("centre_lon", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("name", name=op.f("uq_district_name")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cutoff_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index("ix_erasure_what_at", ["what", "at"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(length=60), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(length=60), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_cancel_wished", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_state_due", ["state", "due_at"], unique=False)

    op.create_table(
        "kept_answer",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("contents", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("flashes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_kept_answer")),
    )
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_answer_created_at"), ["created_at"], unique=False)

    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "ledger_root",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("blocks", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_root")),
        sa.UniqueConstraint("day", name=op.f("uq_ledger_root_day")),
    )
    with op.batch_alter_table("ledger_root", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_root_last_seq"), ["last_seq"], unique=False)

    op.create_table(
        "owner_total",
        sa.Column("owner", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("minutes_training", sa.Integer(), nullable=False),
        sa.Column("minutes_proven", sa.Integer(), nullable=False),
        sa.Column("minutes_proven_training", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("visits_training", sa.Integer(), nullable=False),
        sa.Column("visits_proven", sa.Integer(), nullable=False),
        sa.Column("visits_proven_training", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("people_training", sa.Integer(), nullable=False),
        sa.Column("people_proven", sa.Integer(), nullable=False),
        sa.Column("people_proven_training", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "owner", "owner_id", "span", "starts_on", name=op.f("pk_owner_total")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("owner_total", schema=None) as batch_op:
        batch_op.create_index("ix_owner_total_span", ["owner", "span", "starts_on"], unique=False)

    op.create_table(
        "rule_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_by_name", sa.String(length=100), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_version")),
        sa.UniqueConstraint("version", name=op.f("uq_rule_version_version")),
    )
    with op.batch_alter_table("rule_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rule_version_effective_on"), ["effective_on"], unique=False
        )

    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_at"), ["at"], unique=False)
        batch_op.create_index("ix_sign_in_attempt_subject_at", ["subject", "at"], unique=False)

    op.create_table(
        "signing_key",
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("valid_months", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("code", name=op.f("uq_skill_code")),
        sa.UniqueConstraint("name", name=op.f("uq_skill_name")),
    )
    op.create_table(
        "spot_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("secret_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_spot_day")),
    )
    op.create_table(
        "trust_look",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sightings", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_trust_look")),
    )
    op.create_table(
        "breach_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("breach_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("whom", sa.String(length=120), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breach.id"], name=op.f("fk_breach_entry_breach_id_breach")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_entry")),
    )
    with op.batch_alter_table("breach_entry", schema=None) as batch_op:
        batch_op.create_index("ix_breach_entry_breach", ["breach_id"], unique=False)

    op.create_table(
        "inspection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("badge", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_inspection_dates")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_inspection_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_inspection_district_id_district")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inspection_campaign_id"), ["campaign_id"], unique=False
        )

    op.create_table(
        "street",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_street_district_id_district")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street")),
        sa.UniqueConstraint("district_id", "name", name=op.f("uq_street_district_id_name")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("pinyin", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("guiding_unit_id", sa.Integer(), nullable=True),
        sa.Column("successor_unit_id", sa.Integer(), nullable=True),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("staff_count", sa.Integer(), nullable=True),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("contact_phone", sa.String(length=30), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_unit_district_id_district")
        ),
        sa.ForeignKeyConstraint(
            ["guiding_unit_id"], ["unit.id"], name=op.f("fk_unit_guiding_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.ForeignKeyConstraint(
            ["successor_unit_id"], ["unit.id"], name=op.f("fk_unit_successor_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_unit_credit_code")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_name")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_district_id"), ["district_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_pinyin"), ["pinyin"], unique=False)

    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("pinyin", sa.String(length=80), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("nature", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("risk_note", sa.Text(), nullable=False),
        sa.Column("safeguards", sa.Text(), nullable=False),
        sa.Column("insurance_reference", sa.String(length=80), nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("contact_phone", sa.String(length=30), nullable=False),
        sa.Column("person_in_charge", sa.String(length=60), nullable=False),
        sa.Column("allows_minors", sa.Boolean(), nullable=False),
        sa.Column("lint_override", sa.String(length=200), nullable=False),
        sa.Column("cancel_reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_activity_dates")),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["activity_kind.id"], name=op.f("fk_activity_kind_id_activity_kind")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_activity_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_kind_id"), ["kind_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_pinyin"), ["pinyin"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.String(length=400), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_audit_entry_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_act"), ["act"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_entry_subject", ["subject", "subject_id"], unique=False)
        batch_op.create_index("ix_audit_entry_unit_at", ["unit_id", "at"], unique=False)

    op.create_table(
        "community",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_community_district_id_district")
        ),
        sa.ForeignKeyConstraint(
            ["street_id"], ["street.id"], name=op.f("fk_community_street_id_street")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
        sa.UniqueConstraint("district_id", "name", name=op.f("uq_community_district_id_name")),
    )
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_community_district_id"), ["district_id"], unique=False)

    op.create_table(
        "export_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("filter_text", sa.String(length=400), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ledger_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_export_log_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_log")),
    )
    with op.batch_alter_table("export_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_export_log_at"), ["at"], unique=False)

    op.create_table(
        "honour",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(length=80), nullable=False),
        sa.Column("criteria", sa.String(length=400), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_honour_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour")),
    )
    with op.batch_alter_table("honour", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_honour_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index("ix_honour_year", ["year"], unique=False)

    op.create_table(
        "roll_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("rows_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("discarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_roll_import_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_import")),
    )
    with op.batch_alter_table("roll_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roll_import_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "scheduling_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("seconds_limit", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("keeps_published", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("is_cancel_wished", sa.Boolean(), nullable=False),
        sa.Column("problem_gz", sa.LargeBinary(), nullable=True),
        sa.Column("plan_gz", sa.LargeBinary(), nullable=True),
        sa.Column("people_count", sa.Integer(), nullable=False),
        sa.Column("duty_count", sa.Integer(), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "seconds_limit BETWEEN 1 AND 3600", name=op.f("ck_scheduling_run_seconds")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_scheduling_run_district_id_district")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_scheduling_run_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduling_run")),
    )
    with op.batch_alter_table("scheduling_run", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_scheduling_run_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_scheduling_run_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_scheduling_run_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "ix_scheduling_run_week", ["week_on", "unit_id", "district_id"], unique=False
        )

    op.create_table(
        "unit_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("person_minutes", sa.Integer(), nullable=True),
        sa.Column("unit_minutes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("set_by_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "person_minutes IS NULL OR person_minutes >= 0", name=op.f("ck_unit_target_person")
        ),
        sa.CheckConstraint(
            "unit_minutes IS NULL OR unit_minutes >= 0", name=op.f("ck_unit_target_whole")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_target_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_target")),
    )
    with op.batch_alter_table("unit_target", schema=None) as batch_op:
        batch_op.create_index("ix_unit_target_unit_year", ["unit_id", "year"], unique=False)

    op.create_table(
        "check_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("pinyin", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("entered_datum", sa.String(length=10), nullable=False),
        sa.Column("radius_metres", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("safety_note", sa.String(length=400), nullable=False),
        sa.Column("police_team", sa.String(length=60), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.CheckConstraint("priority BETWEEN 1 AND 3", name=op.f("ck_check_point_priority")),
        sa.CheckConstraint("radius_metres BETWEEN 20 AND 5000", name=op.f("ck_check_point_radius")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_check_point_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_check_point_district_id_district")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_point")),
        sa.UniqueConstraint("name", name=op.f("uq_check_point_name")),
    )
    with op.batch_alter_table("check_point", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_check_point_district_id"), ["district_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_check_point_pinyin"), ["pinyin"], unique=False)

    op.create_table(
        "draft_roster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("base", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_draft_roster_district_id_district")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["scheduling_run.id"], name=op.f("fk_draft_roster_run_id_scheduling_run")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_draft_roster_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_roster")),
    )
    with op.batch_alter_table("draft_roster", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_roster_run_id"), ["run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_roster_state"), ["state"], unique=False)
        batch_op.create_index(
            "ix_draft_roster_week", ["week_on", "unit_id", "district_id"], unique=False
        )

    op.create_table(
        "grid_area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_grid_area_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_area")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_grid_area_community_id_name")),
    )
    with op.batch_alter_table("grid_area", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_grid_area_community_id"), ["community_id"], unique=False
        )

    op.create_table(
        "joint_unit",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_joint_unit_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_joint_unit_unit_id_unit")),
        sa.PrimaryKeyConstraint("activity_id", "unit_id", name=op.f("pk_joint_unit")),
    )
    op.create_table(
        "shift_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_shift_batch_activity_id_activity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_batch")),
    )
    with op.batch_alter_table("shift_batch", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_shift_batch_activity_id"), ["activity_id"], unique=False
        )

    op.create_table(
        "tie",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("until_on IS NULL OR until_on >= since_on", name=op.f("ck_tie_dates")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_tie_community_id_community")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_tie_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tie")),
        sa.UniqueConstraint(
            "unit_id", "community_id", "since_on", name=op.f("uq_tie_unit_id_community_id_since_on")
        ),
    )
    with op.batch_alter_table("tie", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tie_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tie_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "volunteer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("pinyin", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("sex", sa.String(length=24), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("phone_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("id_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("id_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("home_lat", sa.Double(), nullable=True),
        sa.Column("home_lon", sa.Double(), nullable=True),
        sa.Column("max_minutes_per_week", sa.Integer(), nullable=False),
        sa.Column("max_shifts_per_day", sa.Integer(), nullable=False),
        sa.Column("national_number", sa.String(length=64), nullable=True),
        sa.Column("has_guardian_consent", sa.Boolean(), nullable=False),
        sa.Column("guardian_name", sa.String(length=100), nullable=False),
        sa.Column("guardian_phone_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("guardian_consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("prefers_large_type", sa.Boolean(), nullable=False),
        sa.Column("personal_secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nameless_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("roll_import_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("last_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("max_minutes_per_week >= 0", name=op.f("ck_volunteer_minutes_per_week")),
        sa.CheckConstraint(
            "max_shifts_per_day BETWEEN 0 AND 6", name=op.f("ck_volunteer_shifts_per_day")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_volunteer_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["volunteer.id"], name=op.f("fk_volunteer_merged_into_id_volunteer")
        ),
        sa.ForeignKeyConstraint(
            ["roll_import_id"],
            ["roll_import.id"],
            name=op.f("fk_volunteer_roll_import_id_roll_import"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_volunteer_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer")),
        sa.UniqueConstraint("id_index", name=op.f("uq_volunteer_id_index")),
        sa.UniqueConstraint("number", name=op.f("uq_volunteer_number")),
    )
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteer_left_at"), ["left_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_volunteer_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_volunteer_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_phone_index"), ["phone_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_pinyin"), ["pinyin"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_volunteer_roll_import_id"), ["roll_import_id"], unique=False
        )
        batch_op.create_index("ix_volunteer_unit_state", ["unit_id", "state"], unique=False)

    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("first_password_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_account_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_account_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sa.UniqueConstraint("volunteer_id", name=op.f("uq_account_volunteer_id")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_phone_index"), ["phone_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "apart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_apart_order")),
        sa.ForeignKeyConstraint(
            ["first_id"], ["volunteer.id"], name=op.f("fk_apart_first_id_volunteer")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["volunteer.id"], name=op.f("fk_apart_second_id_volunteer")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_apart_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apart")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_apart_first_id_second_id")),
    )
    op.create_table(
        "availability",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_availability_window"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_availability_weekday")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_availability_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability")),
    )
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_availability_volunteer_id"), ["volunteer_id"], unique=False
        )

    op.create_table(
        "availability_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_availability_exception_window"),
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
            name=op.f("fk_availability_exception_volunteer_id_volunteer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_exception")),
    )
    with op.batch_alter_table("availability_exception", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_availability_exception_on_date"), ["on_date"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_availability_exception_volunteer_id"), ["volunteer_id"], unique=False
        )

    op.create_table(
        "award",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("honour_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("citation", sa.String(length=300), nullable=False),
        sa.Column("public_until", sa.Date(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["about_id"], ["award.id"], name=op.f("fk_award_about_id_award")),
        sa.ForeignKeyConstraint(
            ["honour_id"], ["honour.id"], name=op.f("fk_award_honour_id_honour")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_award_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_award_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("about_id", name=op.f("uq_award_about_id")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index("ix_award_honour", ["honour_id"], unique=False)
        batch_op.create_index("ix_award_volunteer", ["volunteer_id"], unique=False)

    op.create_table(
        "building",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("grid_area_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_building_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["grid_area_id"], ["grid_area.id"], name=op.f("fk_building_grid_area_id_grid_area")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_building_community_id_name")),
    )
    with op.batch_alter_table("building", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_building_community_id"), ["community_id"], unique=False
        )

    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("layout", sa.String(length=24), nullable=False),
        sa.Column("span", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.String(length=24), nullable=False),
        sa.Column("document_shown", sa.String(length=24), nullable=False),
        sa.Column("document_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("record_count", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("basis", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("is_self_service", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=False),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_certificate_period")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_certificate_minutes")),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_replaced_by_id_certificate"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_certificate_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_certificate_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_basis", ["basis"], unique=False)
        batch_op.create_index("ix_certificate_unit_issued", ["unit_id", "issued_at"], unique=False)
        batch_op.create_index(
            "ix_certificate_volunteer_issued", ["volunteer_id", "issued_at"], unique=False
        )

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_consent_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "draft_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("added", sa.JSON(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft_roster.id"], name=op.f("fk_draft_move_draft_id_draft_roster")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_move")),
    )
    with op.batch_alter_table("draft_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_move_draft_id"), ["draft_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_invitation_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_invitation_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_invitation_volunteer_id"), ["volunteer_id"], unique=False
        )

    op.create_table(
        "key_point",
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_key_point_inspection_id_inspection")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["check_point.id"], name=op.f("fk_key_point_point_id_check_point")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "point_id", name=op.f("pk_key_point")),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR until_on >= since_on", name=op.f("ck_pause_dates")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_pause_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_since_on"), ["since_on"], unique=False)
        batch_op.create_index(
            "ix_pause_volunteer_since", ["volunteer_id", "since_on"], unique=False
        )

    op.create_table(
        "person_month",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("minutes_training", sa.Integer(), nullable=False),
        sa.Column("minutes_proven", sa.Integer(), nullable=False),
        sa.Column("minutes_proven_training", sa.Integer(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("visits_training", sa.Integer(), nullable=False),
        sa.Column("visits_proven", sa.Integer(), nullable=False),
        sa.Column("visits_proven_training", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("times_training", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_person_month_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint(
            "volunteer_id",
            "month",
            "unit_id",
            "district_id",
            "kind_id",
            name=op.f("pk_person_month"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "point_contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= since_on", name=op.f("ck_point_contract_dates")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["check_point.id"], name=op.f("fk_point_contract_point_id_check_point")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_point_contract_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_contract")),
        sa.UniqueConstraint(
            "unit_id",
            "point_id",
            "since_on",
            name=op.f("uq_point_contract_unit_id_point_id_since_on"),
        ),
    )
    with op.batch_alter_table("point_contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_point_contract_point_id"), ["point_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_point_contract_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "qualification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skill.id"], name=op.f("fk_qualification_skill_id_skill")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_qualification_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint(
            "volunteer_id", "skill_id", name=op.f("uq_qualification_volunteer_id_skill_id")
        ),
    )
    with op.batch_alter_table("qualification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_qualification_skill_id"), ["skill_id"], unique=False)

    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("point_id", sa.Integer(), nullable=False),
        sa.Column("corner", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("min_heads", sa.Integer(), nullable=False),
        sa.Column("target_heads", sa.Integer(), nullable=False),
        sa.Column("max_heads", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=False),
        sa.Column("max_age", sa.Integer(), nullable=False),
        sa.Column("breaks", sa.JSON(), nullable=False),
        sa.Column("required_skills", sa.JSON(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("reach_metres", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("cancel_cause", sa.String(length=24), nullable=True),
        sa.Column("cancel_reason", sa.String(length=200), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= min_heads AND min_heads <= target_heads AND target_heads <= max_heads",
            name=op.f("ck_shift_heads"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_shift_window")),
        sa.CheckConstraint("priority BETWEEN 1 AND 3", name=op.f("ck_shift_priority")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_shift_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["shift_batch.id"], name=op.f("fk_shift_batch_id_shift_batch")
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["volunteer.id"], name=op.f("fk_shift_leader_id_volunteer")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["check_point.id"], name=op.f("fk_shift_point_id_check_point")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint(
            "activity_id",
            "point_id",
            "starts_at",
            "corner",
            name=op.f("uq_shift_activity_id_point_id_starts_at_corner"),
        ),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_shift_ends_at_state", ["ends_at", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_leader_id"), ["leader_id"], unique=False)
        batch_op.create_index("ix_shift_point_starts", ["point_id", "starts_at"], unique=False)
        batch_op.create_index("ix_shift_service_on_state", ["service_on", "state"], unique=False)

    op.create_table(
        "star_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("ledger_seq", sa.Integer(), nullable=False),
        sa.Column("public_until", sa.Date(), nullable=True),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 20", name=op.f("ck_star_decision_level")),
        sa.ForeignKeyConstraint(
            ["about_id"], ["star_decision.id"], name=op.f("fk_star_decision_about_id_star_decision")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_star_decision_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_star_decision_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_decision")),
        sa.UniqueConstraint("about_id", name=op.f("uq_star_decision_about_id")),
    )
    with op.batch_alter_table("star_decision", schema=None) as batch_op:
        batch_op.create_index("ix_star_decision_unit", ["unit_id", "decided_at"], unique=False)
        batch_op.create_index("ix_star_decision_volunteer", ["volunteer_id", "level"], unique=False)

    op.create_table(
        "wish",
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.CheckConstraint("cost BETWEEN 0 AND 3", name=op.f("ck_wish_cost")),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["activity_kind.id"], name=op.f("fk_wish_kind_id_activity_kind")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_wish_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("volunteer_id", "kind_id", name=op.f("pk_wish")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_reason", sa.String(length=200), nullable=False),
        sa.Column("cancel_cause", sa.String(length=24), nullable=True),
        sa.Column("covers_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["covers_id"], ["assignment.id"], name=op.f("fk_assignment_covers_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft_roster.id"], name=op.f("fk_assignment_draft_id_draft_roster")
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_assignment_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assignment_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_assignment_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint(
            "shift_id", "volunteer_id", name=op.f("uq_assignment_shift_id_volunteer_id")
        ),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_unit", ["unit_id", "state"], unique=False)
        batch_op.create_index(
            "ix_assignment_volunteer_state", ["volunteer_id", "state"], unique=False
        )

    op.create_table(
        "device_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=True),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_device_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_session_token_hash")),
    )
    with op.batch_alter_table("device_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_device_session_account_id"), ["account_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_device_session_mark"), ["mark"], unique=False)

    op.create_table(
        "draft_seat",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("forced_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["draft_roster.id"], name=op.f("fk_draft_seat_draft_id_draft_roster")
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_draft_seat_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_draft_seat_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("draft_id", "shift_id", "volunteer_id", name=op.f("pk_draft_seat")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.String(length=400), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.Column("dedupe", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_message_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_message_dedupe")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_account_read", ["account_id", "read_at"], unique=False)
        batch_op.create_index("ix_message_state_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "pin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_pin_shift_id_shift")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_pin_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin")),
        sa.UniqueConstraint("shift_id", "volunteer_id", name=op.f("uq_pin_shift_id_volunteer_id")),
    )
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pin_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("reach", sa.String(length=30), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_role_grant_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_role_grant_district_id_district")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "uq_role_grant_live",
            ["account_id", "role", "reach"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "shift_look",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sightings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_shift_look_shift_id_shift")
        ),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("pk_shift_look")),
    )
    op.create_table(
        "shift_quota",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_shift_quota_count")),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_shift_quota_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_shift_quota_unit_id_unit")),
        sa.PrimaryKeyConstraint("shift_id", "unit_id", name=op.f("pk_shift_quota")),
    )
    op.create_table(
        "shift_skill",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_shift_skill_count")),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_shift_skill_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skill.id"], name=op.f("fk_shift_skill_skill_id_skill")
        ),
        sa.PrimaryKeyConstraint("shift_id", "skill_id", name=op.f("pk_shift_skill")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("expires_at > due_at", name=op.f("ck_spot_check_window")),
        sa.ForeignKeyConstraint(["day"], ["spot_day.day"], name=op.f("fk_spot_check_day_spot_day")),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_spot_check_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_spot_check_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("shift_id", name=op.f("uq_spot_check_shift_id")),
    )
    with op.batch_alter_table("spot_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spot_check_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_spot_check_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_spot_check_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "trust_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("question", sa.String(length=400), nullable=False),
        sa.Column("answer_due_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.String(length=400), nullable=False),
        sa.Column("appeal_due_on", sa.Date(), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_trust_case_score")),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_trust_case_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_trust_case_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_trust_case_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trust_case")),
    )
    with op.batch_alter_table("trust_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trust_case_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_trust_case_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index("ix_trust_case_unit_state", ["unit_id", "state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_trust_case_volunteer_id"), ["volunteer_id"], unique=False
        )
        batch_op.create_index(
            "uq_trust_case_open",
            ["subject", "subject_id"],
            unique=True,
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        )

    op.create_table(
        "attendance_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by_account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_attendance_note_assignment_id_assignment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_note")),
    )
    with op.batch_alter_table("attendance_note", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attendance_note_assignment", ["assignment_id", "id"], unique=False
        )

    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["trust_case.id"], name=op.f("fk_case_event_case_id_trust_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_event_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=200), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("stamp_ids", sa.JSON(), nullable=False),
        sa.Column("record_ids", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_case_evidence_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["trust_case.id"], name=op.f("fk_case_evidence_case_id_trust_case")
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_case_evidence_shift_id_shift")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_evidence")),
        sa.UniqueConstraint("key", name=op.f("uq_case_evidence_key")),
    )
    with op.batch_alter_table("case_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_evidence_case_id"), ["case_id"], unique=False)

    op.create_table(
        "check_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("way", sa.String(length=24), nullable=False),
        sa.Column("grade", sa.String(length=24), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.Column("early_minutes", sa.Integer(), nullable=False),
        sa.Column("place_verdict", sa.String(length=24), nullable=False),
        sa.Column("distance_bucket", sa.String(length=24), nullable=True),
        sa.Column("accuracy_metres", sa.Integer(), nullable=True),
        sa.Column("is_forced", sa.Boolean(), nullable=False),
        sa.Column("signals", sa.JSON(), nullable=False),
        sa.Column("by_account_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("round BETWEEN 1 AND 200", name=op.f("ck_check_in_round")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_check_in_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device_session.id"], name=op.f("fk_check_in_device_id_device_session")
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_check_in_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_check_in_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sa.UniqueConstraint(
            "assignment_id", "kind", "round", name=op.f("uq_check_in_assignment_id_kind_round")
        ),
        sa.UniqueConstraint("nonce", name=op.f("uq_check_in_nonce")),
    )
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.create_index("ix_check_in_device_at", ["device_id", "at"], unique=False)
        batch_op.create_index("ix_check_in_shift", ["shift_id", "kind"], unique=False)
        batch_op.create_index("ix_check_in_volunteer_at", ["volunteer_id", "at"], unique=False)

    op.create_table(
        "service_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("recording_unit_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("nature", sa.String(length=24), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("content", sa.String(length=200), nullable=False),
        sa.Column("person_in_charge", sa.String(length=60), nullable=False),
        sa.Column("first_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attended_minutes", sa.Integer(), nullable=False),
        sa.Column("served_minutes", sa.Integer(), nullable=False),
        sa.Column("credited_minutes", sa.Integer(), nullable=False),
        sa.Column("pending_minutes", sa.Integer(), nullable=False),
        sa.Column("pending", sa.JSON(), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.Column("early_minutes", sa.Integer(), nullable=False),
        sa.Column("is_auto_closed", sa.Boolean(), nullable=False),
        sa.Column("grade", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("arithmetic", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("attended_minutes >= 0", name=op.f("ck_service_record_attended")),
        sa.CheckConstraint("credited_minutes >= 0", name=op.f("ck_service_record_credited")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_service_record_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_service_record_assignment_id_assignment"),
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_service_record_district_id_district")
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["activity_kind.id"], name=op.f("fk_service_record_kind_id_activity_kind")
        ),
        sa.ForeignKeyConstraint(
            ["recording_unit_id"],
            ["unit.id"],
            name=op.f("fk_service_record_recording_unit_id_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["service_record.id"],
            name=op.f("fk_service_record_replaces_id_service_record"),
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_service_record_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_service_record_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
            name=op.f("fk_service_record_volunteer_id_volunteer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_record")),
        sa.UniqueConstraint(
            "assignment_id", "version", name=op.f("uq_service_record_assignment_id_version")
        ),
    )
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_service_record_activity_id"), ["activity_id"], unique=False
        )
        batch_op.create_index("ix_service_record_on", ["service_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_service_record_replaces_id"), ["replaces_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_service_record_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index("ix_service_record_unit_on", ["unit_id", "service_on"], unique=False)
        batch_op.create_index(
            "ix_service_record_volunteer_on", ["volunteer_id", "service_on"], unique=False
        )

    op.create_table(
        "spot_person",
        sa.Column("spot_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("is_found", sa.Boolean(), nullable=False),
        sa.Column("by_scan", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["spot_id"], ["spot_check.id"], name=op.f("fk_spot_person_spot_id_spot_check")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_spot_person_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("spot_id", "volunteer_id", name=op.f("pk_spot_person")),
    )
    with op.batch_alter_table("spot_person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_spot_person_volunteer_id"), ["volunteer_id"], unique=False
        )

    op.create_table(
        "vouch",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_vouch_assignment_id_assignment")
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_vouch")),
    )
    op.create_table(
        "certificate_record",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_record_certificate_id_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["service_record.id"],
            name=op.f("fk_certificate_record_record_id_service_record"),
        ),
        sa.PrimaryKeyConstraint("certificate_id", "record_id", name=op.f("pk_certificate_record")),
    )
    with op.batch_alter_table("certificate_record", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificate_record_record_id"), ["record_id"], unique=False
        )

    op.create_table(
        "deferred_stamp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=True),
        sa.Column("act", sa.String(length=24), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offset_seconds", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("fits_code", sa.Boolean(), nullable=True),
        sa.Column("way", sa.String(length=24), nullable=True),
        sa.Column("grade", sa.String(length=24), nullable=True),
        sa.Column("place_verdict", sa.String(length=24), nullable=False),
        sa.Column("distance_bucket", sa.String(length=24), nullable=True),
        sa.Column("accuracy_metres", sa.Integer(), nullable=True),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.Column("early_minutes", sa.Integer(), nullable=False),
        sa.Column("signals", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=24), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("conflict", sa.String(length=24), nullable=True),
        sa.Column("stamp_id", sa.Integer(), nullable=True),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["device_session.id"],
            name=op.f("fk_deferred_stamp_device_id_device_session"),
        ),
        sa.ForeignKeyConstraint(
            ["note_id"],
            ["attendance_note.id"],
            name=op.f("fk_deferred_stamp_note_id_attendance_note"),
        ),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shift.id"], name=op.f("fk_deferred_stamp_shift_id_shift")
        ),
        sa.ForeignKeyConstraint(
            ["stamp_id"], ["check_in.id"], name=op.f("fk_deferred_stamp_stamp_id_check_in")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
            name=op.f("fk_deferred_stamp_volunteer_id_volunteer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferred_stamp")),
        sa.UniqueConstraint("nonce", name=op.f("uq_deferred_stamp_nonce")),
    )
    with op.batch_alter_table("deferred_stamp", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deferred_stamp_account", ["account_id", "received_at"], unique=False
        )
        batch_op.create_index("ix_deferred_stamp_open", ["state", "shift_id"], unique=False)
        batch_op.create_index("ix_deferred_stamp_seat", ["shift_id", "volunteer_id"], unique=False)
        batch_op.create_index(
            "ix_deferred_stamp_volunteer", ["volunteer_id", "received_at"], unique=False
        )

    op.create_table(
        "fix_trace",
        sa.Column("stamp_id", sa.Integer(), nullable=False),
        sa.Column("fix_print", sa.LargeBinary(length=8), nullable=False),
        sa.Column("is_round", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["stamp_id"], ["check_in.id"], name=op.f("fk_fix_trace_stamp_id_check_in")
        ),
        sa.PrimaryKeyConstraint("stamp_id", name=op.f("pk_fix_trace")),
    )
    with op.batch_alter_table("fix_trace", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fix_trace_at"), ["at"], unique=False)

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("kind_id", sa.Integer(), nullable=False),
        sa.Column("nature", sa.String(length=24), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("grade", sa.String(length=24), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("previous_seal", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_ledger_entry_district_id_district")
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["activity_kind.id"], name=op.f("fk_ledger_entry_kind_id_activity_kind")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["service_record.id"],
            name=op.f("fk_ledger_entry_record_id_service_record"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["ledger_entry.id"],
            name=op.f("fk_ledger_entry_reverses_id_ledger_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_ledger_entry_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_ledger_entry_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_entry_reverses_id")),
        sa.UniqueConstraint("seq", name=op.f("uq_ledger_entry_seq")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entry_on_unit", ["service_on", "unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_record_id"), ["record_id"], unique=False)
        batch_op.create_index(
            "ix_ledger_entry_volunteer_on", ["volunteer_id", "service_on"], unique=False
        )

    op.create_table(
        "record_confirmation",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["service_record.id"],
            name=op.f("fk_record_confirmation_record_id_service_record"),
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
            name=op.f("fk_record_confirmation_volunteer_id_volunteer"),
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record_confirmation")),
    )
    with op.batch_alter_table("record_confirmation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_record_confirmation_volunteer_id"), ["volunteer_id"], unique=False
        )

    op.create_table(
        "stamp_cancellation",
        sa.Column("stamp_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["stamp_id"], ["check_in.id"], name=op.f("fk_stamp_cancellation_stamp_id_check_in")
        ),
        sa.PrimaryKeyConstraint("stamp_id", name=op.f("pk_stamp_cancellation")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("topic", sa.String(length=24), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("wanted_in", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_out", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.String(length=400), nullable=False),
        sa.Column("witnesses", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("appeal_until", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=400), nullable=False),
        sa.Column("result_record_id", sa.Integer(), nullable=True),
        sa.Column("live_seat_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "wanted_out IS NULL OR wanted_out > wanted_in", name=op.f("ck_ticket_wanted")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_ticket_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_ticket_district_id_district")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["service_record.id"], name=op.f("fk_ticket_record_id_service_record")
        ),
        sa.ForeignKeyConstraint(
            ["result_record_id"],
            ["service_record.id"],
            name=op.f("fk_ticket_result_record_id_service_record"),
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_ticket_shift_id_shift")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_ticket_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_ticket_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("live_seat_id", name=op.f("uq_ticket_live_seat_id")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ticket_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index("ix_ticket_state_due", ["state", "due_on"], unique=False)
        batch_op.create_index("ix_ticket_unit_state", ["unit_id", "state"], unique=False)
        batch_op.create_index("ix_ticket_volunteer", ["volunteer_id", "id"], unique=False)

    op.create_table(
        "make_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("went_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("evidence", sa.String(length=400), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_volunteer_id", sa.Integer(), nullable=True),
        sa.Column("endorsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("endorsed_by_id", sa.Integer(), nullable=True),
        sa.Column("endorsed_by_volunteer_id", sa.Integer(), nullable=True),
        sa.Column("witness_id", sa.Integer(), nullable=True),
        sa.Column("witness_account_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_by_volunteer_id", sa.Integer(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("announced_until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("is_false", sa.Boolean(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("live_seat_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("went_at > came_at", name=op.f("ck_make_up_times")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_make_up_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_make_up_district_id_district")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["service_record.id"], name=op.f("fk_make_up_record_id_service_record")
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_make_up_shift_id_shift")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_make_up_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_make_up_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_make_up_volunteer_id_volunteer")
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["volunteer.id"], name=op.f("fk_make_up_witness_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_make_up")),
        sa.UniqueConstraint("live_seat_id", name=op.f("uq_make_up_live_seat_id")),
    )
    with op.batch_alter_table("make_up", schema=None) as batch_op:
        batch_op.create_index("ix_make_up_announced", ["announced_until", "state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_make_up_assignment_id"), ["assignment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_make_up_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index("ix_make_up_state_due", ["state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_make_up_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index("ix_make_up_unit_month", ["unit_id", "month"], unique=False)
        batch_op.create_index("ix_make_up_volunteer", ["volunteer_id", "id"], unique=False)

    op.create_table(
        "ticket_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_event_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_event")),
    )
    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_event_ticket", ["ticket_id", "id"], unique=False)

    op.create_table(
        "make_up_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("make_up_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["make_up_id"], ["make_up.id"], name=op.f("fk_make_up_event_make_up_id_make_up")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_make_up_event")),
    )
    with op.batch_alter_table("make_up_event", schema=None) as batch_op:
        batch_op.create_index("ix_make_up_event_make_up", ["make_up_id", "id"], unique=False)

    op.create_table(
        "make_up_word",
        sa.Column("make_up_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("has_seen", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["make_up_id"], ["make_up.id"], name=op.f("fk_make_up_word_make_up_id_make_up")
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"], ["volunteer.id"], name=op.f("fk_make_up_word_volunteer_id_volunteer")
        ),
        sa.PrimaryKeyConstraint("make_up_id", "volunteer_id", name=op.f("pk_make_up_word")),
    )
    op.create_table(
        "register_objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("make_up_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.Integer(), nullable=True),
        sa.Column("contact_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["make_up_id"], ["make_up.id"], name=op.f("fk_register_objection_make_up_id_make_up")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_objection")),
    )
    with op.batch_alter_table("register_objection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_register_objection_make_up_id"), ["make_up_id"], unique=False
        )

    dialect = op.get_bind().dialect.name
    for statement in _append_only(dialect):
        sql = statement.replace("%", "%%") if dialect == "postgresql" else statement
        op.get_bind().exec_driver_sql(sql)
    op.execute(
        sa.text("INSERT INTO ledger_head (id, seq, seal) VALUES (1, 0, :seal)").bindparams(
            seal=bytes(32)
        )
    )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("register_objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_register_objection_make_up_id"))

    op.drop_table("register_objection")
    op.drop_table("make_up_word")
    with op.batch_alter_table("make_up_event", schema=None) as batch_op:
        batch_op.drop_index("ix_make_up_event_make_up")

    op.drop_table("make_up_event")
    with op.batch_alter_table("ticket_event", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_event_ticket")

    op.drop_table("ticket_event")
    with op.batch_alter_table("make_up", schema=None) as batch_op:
        batch_op.drop_index("ix_make_up_volunteer")
        batch_op.drop_index("ix_make_up_unit_month")
        batch_op.drop_index(batch_op.f("ix_make_up_ticket_id"))
        batch_op.drop_index("ix_make_up_state_due")
        batch_op.drop_index(batch_op.f("ix_make_up_shift_id"))
        batch_op.drop_index(batch_op.f("ix_make_up_assignment_id"))
        batch_op.drop_index("ix_make_up_announced")

    op.drop_table("make_up")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_volunteer")
        batch_op.drop_index("ix_ticket_unit_state")
        batch_op.drop_index("ix_ticket_state_due")
        batch_op.drop_index(batch_op.f("ix_ticket_assignment_id"))

    op.drop_table("ticket")
    op.drop_table("stamp_cancellation")
    with op.batch_alter_table("record_confirmation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_confirmation_volunteer_id"))

    op.drop_table("record_confirmation")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_entry_volunteer_on")
        batch_op.drop_index(batch_op.f("ix_ledger_entry_record_id"))
        batch_op.drop_index("ix_ledger_entry_on_unit")

    op.drop_table("ledger_entry")
    with op.batch_alter_table("fix_trace", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fix_trace_at"))

    op.drop_table("fix_trace")
    with op.batch_alter_table("deferred_stamp", schema=None) as batch_op:
        batch_op.drop_index("ix_deferred_stamp_volunteer")
        batch_op.drop_index("ix_deferred_stamp_seat")
        batch_op.drop_index("ix_deferred_stamp_open")
        batch_op.drop_index("ix_deferred_stamp_account")

    op.drop_table("deferred_stamp")
    with op.batch_alter_table("certificate_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_record_record_id"))

    op.drop_table("certificate_record")
    op.drop_table("vouch")
    with op.batch_alter_table("spot_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spot_person_volunteer_id"))

    op.drop_table("spot_person")
    with op.batch_alter_table("service_record", schema=None) as batch_op:
        batch_op.drop_index("ix_service_record_volunteer_on")
        batch_op.drop_index("ix_service_record_unit_on")
        batch_op.drop_index(batch_op.f("ix_service_record_shift_id"))
        batch_op.drop_index(batch_op.f("ix_service_record_replaces_id"))
        batch_op.drop_index("ix_service_record_on")
        batch_op.drop_index(batch_op.f("ix_service_record_activity_id"))

    op.drop_table("service_record")
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.drop_index("ix_check_in_volunteer_at")
        batch_op.drop_index("ix_check_in_shift")
        batch_op.drop_index("ix_check_in_device_at")

    op.drop_table("check_in")
    with op.batch_alter_table("case_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_evidence_case_id"))

    op.drop_table("case_evidence")
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_event_case_id"))

    op.drop_table("case_event")
    with op.batch_alter_table("attendance_note", schema=None) as batch_op:
        batch_op.drop_index("ix_attendance_note_assignment")

    op.drop_table("attendance_note")
    with op.batch_alter_table("trust_case", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_trust_case_open",
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        )
        batch_op.drop_index(batch_op.f("ix_trust_case_volunteer_id"))
        batch_op.drop_index("ix_trust_case_unit_state")
        batch_op.drop_index(batch_op.f("ix_trust_case_shift_id"))
        batch_op.drop_index(batch_op.f("ix_trust_case_opened_at"))

    op.drop_table("trust_case")
    with op.batch_alter_table("spot_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spot_check_unit_id"))
        batch_op.drop_index(batch_op.f("ix_spot_check_state"))
        batch_op.drop_index(batch_op.f("ix_spot_check_day"))

    op.drop_table("spot_check")
    op.drop_table("shift_skill")
    op.drop_table("shift_quota")
    op.drop_table("shift_look")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_role_grant_live",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_role_grant_account_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("pin", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pin_volunteer_id"))

    op.drop_table("pin")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_volunteer_id"))
        batch_op.drop_index("ix_message_state_due")
        batch_op.drop_index("ix_message_account_read")

    op.drop_table("message")
    op.drop_table("draft_seat")
    with op.batch_alter_table("device_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_session_mark"))
        batch_op.drop_index(batch_op.f("ix_device_session_account_id"))

    op.drop_table("device_session")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_volunteer_state")
        batch_op.drop_index("ix_assignment_unit")

    op.drop_table("assignment")
    op.drop_table("wish")
    with op.batch_alter_table("star_decision", schema=None) as batch_op:
        batch_op.drop_index("ix_star_decision_volunteer")
        batch_op.drop_index("ix_star_decision_unit")

    op.drop_table("star_decision")
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index("ix_shift_service_on_state")
        batch_op.drop_index("ix_shift_point_starts")
        batch_op.drop_index(batch_op.f("ix_shift_leader_id"))
        batch_op.drop_index("ix_shift_ends_at_state")
        batch_op.drop_index(batch_op.f("ix_shift_batch_id"))
        batch_op.drop_index(batch_op.f("ix_shift_activity_id"))

    op.drop_table("shift")
    with op.batch_alter_table("qualification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qualification_skill_id"))

    op.drop_table("qualification")
    with op.batch_alter_table("point_contract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_point_contract_unit_id"))
        batch_op.drop_index(batch_op.f("ix_point_contract_point_id"))

    op.drop_table("point_contract")
    op.drop_table("person_month")
    with op.batch_alter_table("pause", schema=None) as batch_op:
        batch_op.drop_index("ix_pause_volunteer_since")
        batch_op.drop_index(batch_op.f("ix_pause_since_on"))

    op.drop_table("pause")
    op.drop_table("key_point")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_invitation_unit_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("draft_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_move_draft_id"))

    op.drop_table("draft_move")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_volunteer_id"))

    op.drop_table("consent")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index("ix_certificate_volunteer_issued")
        batch_op.drop_index("ix_certificate_unit_issued")
        batch_op.drop_index("ix_certificate_basis")

    op.drop_table("certificate")
    with op.batch_alter_table("building", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_building_community_id"))

    op.drop_table("building")
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index("ix_award_volunteer")
        batch_op.drop_index("ix_award_honour")

    op.drop_table("award")
    with op.batch_alter_table("availability_exception", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_exception_volunteer_id"))
        batch_op.drop_index(batch_op.f("ix_availability_exception_on_date"))

    op.drop_table("availability_exception")
    with op.batch_alter_table("availability", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_availability_volunteer_id"))

    op.drop_table("availability")
    op.drop_table("apart")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_unit_id"))
        batch_op.drop_index(batch_op.f("ix_account_phone_index"))

    op.drop_table("account")
    with op.batch_alter_table("volunteer", schema=None) as batch_op:
        batch_op.drop_index("ix_volunteer_unit_state")
        batch_op.drop_index(batch_op.f("ix_volunteer_roll_import_id"))
        batch_op.drop_index(batch_op.f("ix_volunteer_pinyin"))
        batch_op.drop_index(batch_op.f("ix_volunteer_phone_index"))
        batch_op.drop_index(batch_op.f("ix_volunteer_name_key"))
        batch_op.drop_index(batch_op.f("ix_volunteer_name"))
        batch_op.drop_index(batch_op.f("ix_volunteer_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_volunteer_left_at"))

    op.drop_table("volunteer")
    with op.batch_alter_table("tie", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tie_unit_id"))
        batch_op.drop_index(batch_op.f("ix_tie_community_id"))

    op.drop_table("tie")
    with op.batch_alter_table("shift_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shift_batch_activity_id"))

    op.drop_table("shift_batch")
    op.drop_table("joint_unit")
    with op.batch_alter_table("grid_area", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grid_area_community_id"))

    op.drop_table("grid_area")
    with op.batch_alter_table("draft_roster", schema=None) as batch_op:
        batch_op.drop_index("ix_draft_roster_week")
        batch_op.drop_index(batch_op.f("ix_draft_roster_state"))
        batch_op.drop_index(batch_op.f("ix_draft_roster_run_id"))

    op.drop_table("draft_roster")
    with op.batch_alter_table("check_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_check_point_pinyin"))
        batch_op.drop_index(batch_op.f("ix_check_point_district_id"))

    op.drop_table("check_point")
    with op.batch_alter_table("unit_target", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_target_unit_year")

    op.drop_table("unit_target")
    with op.batch_alter_table("scheduling_run", schema=None) as batch_op:
        batch_op.drop_index("ix_scheduling_run_week")
        batch_op.drop_index(batch_op.f("ix_scheduling_run_unit_id"))
        batch_op.drop_index(batch_op.f("ix_scheduling_run_state"))
        batch_op.drop_index(batch_op.f("ix_scheduling_run_district_id"))

    op.drop_table("scheduling_run")
    with op.batch_alter_table("roll_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roll_import_unit_id"))

    op.drop_table("roll_import")
    with op.batch_alter_table("honour", schema=None) as batch_op:
        batch_op.drop_index("ix_honour_year")
        batch_op.drop_index(batch_op.f("ix_honour_unit_id"))

    op.drop_table("honour")
    with op.batch_alter_table("export_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_export_log_at"))

    op.drop_table("export_log")
    with op.batch_alter_table("community", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_community_district_id"))

    op.drop_table("community")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_unit_at")
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_act"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_account_id"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_unit_id"))
        batch_op.drop_index(batch_op.f("ix_activity_state"))
        batch_op.drop_index(batch_op.f("ix_activity_pinyin"))
        batch_op.drop_index(batch_op.f("ix_activity_kind_id"))

    op.drop_table("activity")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_pinyin"))
        batch_op.drop_index(batch_op.f("ix_unit_parent_id"))
        batch_op.drop_index(batch_op.f("ix_unit_district_id"))

    op.drop_table("unit")
    op.drop_table("street")
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspection_campaign_id"))

    op.drop_table("inspection")
    with op.batch_alter_table("breach_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_breach_entry_breach")

    op.drop_table("breach_entry")
    op.drop_table("trust_look")
    op.drop_table("spot_day")
    op.drop_table("skill")
    op.drop_table("signing_key")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempt_subject_at")
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_at"))

    op.drop_table("sign_in_attempt")
    with op.batch_alter_table("rule_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_version_effective_on"))

    op.drop_table("rule_version")
    with op.batch_alter_table("owner_total", schema=None) as batch_op:
        batch_op.drop_index("ix_owner_total_span")

    op.drop_table("owner_total")
    with op.batch_alter_table("ledger_root", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_root_last_seq"))

    op.drop_table("ledger_root")
    op.drop_table("ledger_head")
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_answer_created_at"))

    op.drop_table("kept_answer")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_state_due")

    op.drop_table("job")
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.drop_index("ix_erasure_what_at")

    op.drop_table("erasure")
    op.drop_table("district")
    op.drop_table("city_setting")
    op.drop_table("campaign")
    op.drop_table("calendar_day")
    with op.batch_alter_table("breach", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_breach_found_at"))

    op.drop_table("breach")
    op.drop_table("activity_kind")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")
