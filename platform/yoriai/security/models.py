"""The second factors of the centre's operators. Nothing in these tables opens anything without the data keys."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import PlatformBase
from yoriai.security.tables import (
    Factor,
    RecoveryCode,
    RegistrationCode,
    factor_table,
    recovery_code_table,
    registration_code_table,
)


class OperatorFactor(Factor, PlatformBase):
    """A second factor of an account."""

    __tablename__ = "operator_factor"
    __table_args__ = factor_table()
    login: Mapped[str] = mapped_column(ForeignKey("operator.login", ondelete="CASCADE"))


class OperatorRegistrationCode(RegistrationCode, PlatformBase):
    """A code for an account's first registration."""

    __tablename__ = "operator_registration_code"
    __table_args__ = registration_code_table()
    login: Mapped[str] = mapped_column(ForeignKey("operator.login", ondelete="CASCADE"), primary_key=True)


class OperatorRecoveryCode(RecoveryCode, PlatformBase):
    """A recovery code of an account."""

    __tablename__ = "operator_recovery_code"
    __table_args__ = recovery_code_table()
    login: Mapped[str] = mapped_column(ForeignKey("operator.login", ondelete="CASCADE"), primary_key=True)
