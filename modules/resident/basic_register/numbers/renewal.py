"""Where 個人番号 and 住民票コード lie sealed, for the renewal of keys (`yoriai keys renew`)."""

from yoriai.tenancy.renewal import SealedColumn, SealedText

SEALED = (
    SealedColumn(
        table="person_number",
        key="id",
        column="sealed",
        reads=("kind", "addressee_no"),
        fingerprint="fingerprint",
        texts=lambda row: (SealedText(row["kind"], f"addressee:{row['addressee_no']}", row["sealed"]),),
    ),
)
