"""What the jobs of 児童手当 do."""
