"""Health insurance and pension."""
