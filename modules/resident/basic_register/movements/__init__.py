"""異動: `transitions` is the table of what may follow what, `checks` its guards, one module per reason is its use case."""
