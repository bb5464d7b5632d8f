"""What the jobs of 就学 do."""
