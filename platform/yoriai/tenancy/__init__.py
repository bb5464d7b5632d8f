"""Everything that decides which municipality's data a transaction can reach."""

from yoriai.tenancy.ref import TenantRef

__all__ = ["TenantRef"]
