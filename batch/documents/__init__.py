"""What the night prints: the morning report."""
