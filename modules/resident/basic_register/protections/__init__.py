"""支援措置 and other suppressions: `kinds` says what each may stop, `masking` hides, `service` records, `reads` shows."""
