"""What the jobs of 選挙人名簿 do."""
