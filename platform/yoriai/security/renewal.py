"""Secrets of one-time passwords lie sealed: for the renewal of keys (`yoriai keys renew`). Codes are known by fingerprints
of a key only and end with it: their holders make new ones, or have new ones handed out."""

from yoriai.tenancy.renewal import SealedColumn, SealedText


def _secrets_of(accounts: str) -> SealedColumn:
    return SealedColumn(
        table=f"{accounts}_factor",
        key="factor_no",
        column="sealed",
        reads=("login",),
        fingerprint="handle",
        texts=lambda row: (SealedText(f"{accounts}_totp", f"{accounts}:{row['login']}", row["sealed"]),),
    )


SEALED = (_secrets_of("staff"),)
OPERATORS_SEALED = (_secrets_of("operator"),)
