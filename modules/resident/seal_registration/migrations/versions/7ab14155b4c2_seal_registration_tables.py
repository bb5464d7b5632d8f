"""seal_registration tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_REGISTERED = """
CREATE VIEW fact_seal_registration AS
SELECT registration_no, addressee_no, status, valid_from AS since
  FROM seal_registration_state
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' AND status IN ('active', 'suspended')
"""

revision: str = "7ab14155b4c2"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("seal_registration",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "seal_event",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_seal_event")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "seal_guardianship",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_seal_guardianship_ended_on")),
        sa.CheckConstraint("started_on <= notified_on", name=op.f("ck_seal_guardianship_started_on")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_guardianship")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (ended_on)")},
    )
    op.create_index(op.f("ix_seal_guardianship_addressee_no"), "seal_guardianship", ["addressee_no"], unique=False)
    op.create_index(
        "uq_seal_guardianship_open",
        "seal_guardianship",
        ["addressee_no"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "seal_registration",
        sa.Column("registration_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("seal_text", sa.Text(), nullable=False),
        sa.Column("text_kind", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("former_surname", sa.Text(), nullable=True),
        sa.Column("applicant", sa.Text(), server_default=sa.text("'self'"), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=True),
        sa.Column("representative_name", sa.Text(), nullable=True),
        sa.Column("identity_kind", sa.Text(), nullable=False),
        sa.Column("identity_document", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("guarantor_no", sa.BigInteger(), nullable=True),
        sa.Column("office", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.CheckConstraint("(applicant = 'agent') = (agent_name IS NOT NULL)", name=op.f("ck_seal_registration_agent")),
        sa.CheckConstraint(
            "(identity_kind = 'guarantor') = (guarantor_no IS NOT NULL)", name=op.f("ck_seal_registration_guarantor")
        ),
        sa.CheckConstraint(
            "applicant = 'self' OR identity_kind = 'inquiry'", name=op.f("ck_seal_registration_agent_inquiry")
        ),
        sa.CheckConstraint("applicant in ('self', 'agent')", name=op.f("ck_seal_registration_applicant")),
        sa.CheckConstraint(
            "identity_kind in ('photo_document', 'guarantor', 'inquiry', 'conversion')",
            name=op.f("ck_seal_registration_identity_kind"),
        ),
        sa.CheckConstraint(
            "material in ('hard', 'resin', 'rubber', 'clay')", name=op.f("ck_seal_registration_material")
        ),
        sa.CheckConstraint(
            "text_kind in ('full', 'surname', 'given', 'former', 'alias', 'combined', 'kana')",
            name=op.f("ck_seal_registration_text_kind"),
        ),
        sa.PrimaryKeyConstraint("registration_no", name=op.f("pk_seal_registration")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (version)")},
    )
    op.create_index(
        op.f("ix_seal_registration_addressee_no_registration_no"),
        "seal_registration",
        ["addressee_no", "registration_no"],
        unique=False,
    )
    op.create_table(
        "seal_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("registration_no", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=True),
        sa.Column("state_after", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("applicant", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fee", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("office", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "act in ('register', 'inquire', 'answer', 'reject', 'suspend', 'resume', 'end', 'end_by_register', 'replace', 'restore', 'card_lost', 'card_reissued', 'card_exchanged', 'card_returned')",
            name=op.f("ck_seal_act_act"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_no"],
            ["seal_registration.registration_no"],
            name=op.f("fk_seal_act_registration_no_seal_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_act")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_seal_act_on_act"), "seal_act", ["on", "act"], unique=False)
    op.create_index(op.f("ix_seal_act_registration_no_id"), "seal_act", ["registration_no", "id"], unique=False)
    op.create_table(
        "seal_card",
        sa.Column("card_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("registration_no", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.CheckConstraint(
            "end_reason in ('lost', 'reissued', 'exchanged', 'returned', 'ended')", name=op.f("ck_seal_card_end_reason")
        ),
        sa.CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name=op.f("ck_seal_card_ended")),
        sa.ForeignKeyConstraint(
            ["registration_no"],
            ["seal_registration.registration_no"],
            name=op.f("fk_seal_card_registration_no_seal_registration"),
        ),
        sa.PrimaryKeyConstraint("card_no", name=op.f("pk_seal_card")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (ended_on, end_reason, ended_at, ended_by)")},
    )
    op.create_index(op.f("ix_seal_card_registration_no"), "seal_card", ["registration_no"], unique=False)
    op.create_index(
        "uq_seal_card_good", "seal_card", ["registration_no"], unique=True, postgresql_where=sa.text("ended_on IS NULL")
    )
    op.create_table(
        "seal_certificate",
        sa.Column("serial_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("registration_no", sa.BigInteger(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("card_no", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("fee_exempt_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reissue_of", sa.BigInteger(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("office", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Text(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("applicant in ('self', 'agent')", name=op.f("ck_seal_certificate_applicant")),
        sa.CheckConstraint("channel in ('counter', 'convenience')", name=op.f("ck_seal_certificate_channel")),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_seal_certificate_voided")),
        sa.CheckConstraint("fee >= 0", name=op.f("ck_seal_certificate_fee")),
        sa.ForeignKeyConstraint(
            ["registration_no"],
            ["seal_registration.registration_no"],
            name=op.f("fk_seal_certificate_registration_no_seal_registration"),
        ),
        sa.PrimaryKeyConstraint("serial_no", name=op.f("pk_seal_certificate")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (voided_at, voided_by, void_reason)")},
    )
    op.create_index(
        op.f("ix_seal_certificate_addressee_no_serial_no"),
        "seal_certificate",
        ["addressee_no", "serial_no"],
        unique=False,
    )
    op.create_index(op.f("ix_seal_certificate_issued_at"), "seal_certificate", ["issued_at"], unique=False)
    op.create_index(
        op.f("ix_seal_certificate_registration_no_serial_no"),
        "seal_certificate",
        ["registration_no", "serial_no"],
        unique=False,
    )
    op.create_index("uq_seal_certificate_reissue_of", "seal_certificate", ["reissue_of"], unique=True)
    op.create_table(
        "seal_image",
        sa.Column("registration_no", sa.BigInteger(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("picture_width", sa.BigInteger(), nullable=False),
        sa.Column("picture_height", sa.BigInteger(), nullable=False),
        sa.Column("likeness", sa.Text(), nullable=False),
        sa.CheckConstraint("length(likeness) = 256", name=op.f("ck_seal_image_likeness")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_seal_image_size")),
        sa.ForeignKeyConstraint(
            ["registration_no"],
            ["seal_registration.registration_no"],
            name=op.f("fk_seal_image_registration_no_seal_registration"),
        ),
        sa.PrimaryKeyConstraint("registration_no", name=op.f("pk_seal_image")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_table(
        "seal_inquiry",
        sa.Column("inquiry_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("registration_no", sa.BigInteger(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer_document", sa.Text(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome in ('answered', 'rejected', 'lapsed')", name=op.f("ck_seal_inquiry_outcome")),
        sa.CheckConstraint("(closed_on IS NULL) = (outcome IS NULL)", name=op.f("ck_seal_inquiry_closed")),
        sa.CheckConstraint("sent_on <= due_on", name=op.f("ck_seal_inquiry_due_on")),
        sa.ForeignKeyConstraint(
            ["registration_no"],
            ["seal_registration.registration_no"],
            name=op.f("fk_seal_inquiry_registration_no_seal_registration"),
        ),
        sa.PrimaryKeyConstraint("inquiry_no", name=op.f("pk_seal_inquiry")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (closed_on, outcome, answered_by, answer_document)")},
    )
    op.create_index(
        op.f("ix_seal_inquiry_due_on"),
        "seal_inquiry",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(op.f("ix_seal_inquiry_registration_no"), "seal_inquiry", ["registration_no"], unique=False)
    op.create_table(
        "seal_review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("registration_no", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("name_before", sa.Text(), nullable=False),
        sa.Column("name_after", sa.Text(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome in ('ended', 'kept')", name=op.f("ck_seal_review_outcome")),
        sa.CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_seal_review_closed")),
        sa.ForeignKeyConstraint(
            ["registration_no"],
            ["seal_registration.registration_no"],
            name=op.f("fk_seal_review_registration_no_seal_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_review")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (closed_at, closed_by, outcome, close_reason)")},
    )
    op.create_index(
        "uq_seal_review_open",
        "seal_review",
        ["registration_no"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "seal_registration_state",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("registration_no", sa.BigInteger(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("image_digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("act_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'ended') = (end_reason IS NOT NULL)", name=op.f("ck_seal_registration_state_ended")
        ),
        sa.CheckConstraint(
            "end_reason in ('application', 'lost_card', 'lost_seal', 'replaced', 'moved_out', 'died', 'removed', 'name_changed', 'guardianship', 'wrong')",
            name=op.f("ck_seal_registration_state_end_reason"),
        ),
        sa.CheckConstraint(
            "status in ('inquiring', 'active', 'suspended', 'ended', 'rejected')",
            name=op.f("ck_seal_registration_state_status"),
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_seal_registration_state_valid_period")),
        sa.ForeignKeyConstraint(["act_id"], ["seal_act.id"], name=op.f("fk_seal_registration_state_act_id_seal_act")),
        sa.ForeignKeyConstraint(
            ["registration_no"],
            ["seal_registration.registration_no"],
            name=op.f("fk_seal_registration_state_registration_no_seal_registration"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_registration_state")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_seal_registration_state_registration_no_valid_from"),
        "seal_registration_state",
        ["registration_no", "valid_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_seal_registration_state_status_registration_no"),
        "seal_registration_state",
        ["status", "registration_no"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.create_index(
        "uq_seal_registration_state_current",
        "seal_registration_state",
        ["registration_no"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.create_index(
        "uq_seal_registration_state_image",
        "seal_registration_state",
        ["image_digest"],
        unique=True,
        postgresql_where=sa.text(
            "superseded_at IS NULL AND valid_to = '9999-12-31' AND status in ('inquiring', 'active', 'suspended')"
        ),
    )
    op.create_index(
        "uq_seal_registration_state_person",
        "seal_registration_state",
        ["addressee_no"],
        unique=True,
        postgresql_where=sa.text(
            "superseded_at IS NULL AND valid_to = '9999-12-31' AND status in ('inquiring', 'active', 'suspended')"
        ),
    )
    op.execute(_REGISTERED)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_seal_registration")
    op.drop_index(
        "uq_seal_registration_state_person",
        table_name="seal_registration_state",
        postgresql_where=sa.text(
            "superseded_at IS NULL AND valid_to = '9999-12-31' AND status in ('inquiring', 'active', 'suspended')"
        ),
    )
    op.drop_index(
        "uq_seal_registration_state_image",
        table_name="seal_registration_state",
        postgresql_where=sa.text(
            "superseded_at IS NULL AND valid_to = '9999-12-31' AND status in ('inquiring', 'active', 'suspended')"
        ),
    )
    op.drop_index(
        "uq_seal_registration_state_current",
        table_name="seal_registration_state",
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.drop_index(
        op.f("ix_seal_registration_state_status_registration_no"),
        table_name="seal_registration_state",
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to = '9999-12-31'"),
    )
    op.drop_index(op.f("ix_seal_registration_state_registration_no_valid_from"), table_name="seal_registration_state")
    op.drop_table("seal_registration_state")
    op.drop_index("uq_seal_review_open", table_name="seal_review", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_table("seal_review")
    op.drop_index(op.f("ix_seal_inquiry_registration_no"), table_name="seal_inquiry")
    op.drop_index(
        op.f("ix_seal_inquiry_due_on"), table_name="seal_inquiry", postgresql_where=sa.text("closed_on IS NULL")
    )
    op.drop_table("seal_inquiry")
    op.drop_table("seal_image")
    op.drop_index("uq_seal_certificate_reissue_of", table_name="seal_certificate")
    op.drop_index(op.f("ix_seal_certificate_registration_no_serial_no"), table_name="seal_certificate")
    op.drop_index(op.f("ix_seal_certificate_issued_at"), table_name="seal_certificate")
    op.drop_index(op.f("ix_seal_certificate_addressee_no_serial_no"), table_name="seal_certificate")
    op.drop_table("seal_certificate")
    op.drop_index("uq_seal_card_good", table_name="seal_card", postgresql_where=sa.text("ended_on IS NULL"))
    op.drop_index(op.f("ix_seal_card_registration_no"), table_name="seal_card")
    op.drop_table("seal_card")
    op.drop_index(op.f("ix_seal_act_registration_no_id"), table_name="seal_act")
    op.drop_index(op.f("ix_seal_act_on_act"), table_name="seal_act")
    op.drop_table("seal_act")
    op.drop_index(op.f("ix_seal_registration_addressee_no_registration_no"), table_name="seal_registration")
    op.drop_table("seal_registration")
    op.drop_index(
        "uq_seal_guardianship_open", table_name="seal_guardianship", postgresql_where=sa.text("ended_on IS NULL")
    )
    op.drop_index(op.f("ix_seal_guardianship_addressee_no"), table_name="seal_guardianship")
    op.drop_table("seal_guardianship")
    op.drop_table("seal_event")
