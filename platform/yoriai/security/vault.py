"""Whose accounts are meant, and how what they have besides their passwords is sealed."""

from dataclasses import dataclass

from yoriai.sealing import Sealed, Sealer
from yoriai.tenancy.ref import TenantRef


@dataclass(frozen=True)
class Vault:
    """The accounts of a municipality or, without one, of the shared centre, and where their secrets are sealed."""

    tenant: TenantRef | None
    sealer: Sealer

    @property
    def accounts(self) -> str:
        """The table of the accounts; those of their factors and codes begin with its name."""
        return "staff" if self.tenant else "operator"

    def of(self, statement: str) -> str:
        """The statement on these accounts: the tables of staff and of operators have the same columns."""
        return statement.format(accounts=self.accounts)

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
