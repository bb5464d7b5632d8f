"""個人番号 and 住民票コード: sealed at rest, shown for a purpose only, found by fingerprint, changed with their history."""
