"""Passwords of files that nobody has fetched yet lie sealed: for the renewal of keys (`yoriai keys renew`)."""

from yoriai.tenancy.renewal import SealedColumn, SealedText

SEALED = (
    SealedColumn(
        table="extraction_run",
        key="run_no",
        column="sealed_password",
        texts=lambda row: (SealedText("extraction_password", f"extraction:{row['run_no']}", row["sealed_password"]),),
    ),
)
