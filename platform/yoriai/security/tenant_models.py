"""The second factors of a municipality's staff. Nothing in these tables opens anything without the data keys."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import TenantBase
from yoriai.security.tables import (
    Factor,
    RecoveryCode,
    RegistrationCode,
    factor_table,
    recovery_code_table,
    registration_code_table,
)


class StaffFactor(Factor, TenantBase):
    """A second factor of an account."""

    __tablename__ = "staff_factor"
    __table_args__ = factor_table()
    login: Mapped[str] = mapped_column(ForeignKey("staff.login", ondelete="CASCADE"))


class StaffRegistrationCode(RegistrationCode, TenantBase):
    """A code for an account's first registration."""

    __tablename__ = "staff_registration_code"
    __table_args__ = registration_code_table()
    login: Mapped[str] = mapped_column(ForeignKey("staff.login", ondelete="CASCADE"), primary_key=True)


class StaffRecoveryCode(RecoveryCode, TenantBase):
    """A recovery code of an account."""

    __tablename__ = "staff_recovery_code"
    __table_args__ = recovery_code_table()
    login: Mapped[str] = mapped_column(ForeignKey("staff.login", ondelete="CASCADE"), primary_key=True)
