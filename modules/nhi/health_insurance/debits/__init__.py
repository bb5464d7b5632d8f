"""口座振替 of the instalments: request files, the banks' results, what was collected. Payments made otherwise are not here."""
