"""Where 団体内統合宛名番号 and their 個人番号 lie sealed, for the renewal of keys (`yoriai keys renew`)."""

from yoriai.tenancy.renewal import SealedColumn, SealedText

SEALED = (
    SealedColumn(
        table="unified_addressee",
        key="unified_id",
        column="sealed",
        fingerprint="fingerprint",
        texts=lambda row: (SealedText("unified_no", f"unified:{row['unified_id']}", row["sealed"]),),
    ),
    SealedColumn(
        table="unified_my_number",
        key="id",
        column="sealed",
        reads=("unified_id",),
        fingerprint="fingerprint",
        texts=lambda row: (SealedText("my_number", f"unified:{row['unified_id']}", row["sealed"]),),
    ),
)
