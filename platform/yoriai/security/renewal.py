"""Secrets of one-time passwords lie sealed: for the renewal of keys (`yoriai keys renew`). Recovery codes are known by fingerprints
of a key only and end with it: their holders make new ones."""

from yoriai.tenancy.renewal import SealedColumn, SealedText

SEALED = (
    SealedColumn(
        table="staff_factor",
        key="factor_no",
        column="sealed",
        reads=("login",),
        fingerprint="handle",
        texts=lambda row: (SealedText("staff_totp", f"staff:{row['login']}", row["sealed"]),),
    ),
)
