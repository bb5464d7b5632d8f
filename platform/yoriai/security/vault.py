"""Whose accounts are meant, and how what they have besides their passwords is sealed."""

from dataclasses import dataclass

from yoriai.sealing import Sealed, Sealer
from yoriai.tenancy.ref import TenantRef


def accounts_of(tenant: TenantRef | None) -> str:
    """The table of a municipality's accounts or, without one, of the shared centre's."""
    return "staff" if tenant else "operator"


def on_accounts(statement: str, tenant: TenantRef | None) -> str:
    """The statement on these accounts: the tables of staff and of operators have the same columns."""
    return statement.format(accounts=accounts_of(tenant))


@dataclass(frozen=True)
class Vault:
    """The accounts of a municipality or, without one, of the shared centre, and where their secrets are sealed."""

    tenant: TenantRef | None
    sealer: Sealer

    @property
    def accounts(self) -> str:
        """The table of the accounts; those of their factors and codes begin with its name."""
        return accounts_of(self.tenant)

    def of(self, statement: str) -> str:
        """The statement on these accounts (`on_accounts`)."""
        return on_accounts(statement, self.tenant)

    def subject(self, login: str) -> str:
        """What the audit trail names an account by."""
        return f"{self.accounts}:{login}"

    def seal(self, login: str, secret: str) -> str:
        """The secret of a one-time password, as it is stored."""
        return self.sealer.seal(self.place(login, "totp"), secret)

    def open(self, login: str, sealed: str) -> str:
        """The secret. Raises Unsealable."""
        return self.sealer.open(self.place(login, "totp"), sealed)

    def handles(self, kind: str, text: str) -> list[str]:
        """Fingerprints of a secret, a recovery code or a registration code; store the first, find by any."""
        return self.sealer.fingerprints(self.tenant, f"{self.accounts}_{kind}", text)

    def place(self, login: str, kind: str) -> Sealed:
        """Where a secret of that kind is sealed for the account."""
        return Sealed(self.tenant, f"{self.accounts}_{kind}", self.subject(login))
