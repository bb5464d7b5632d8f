"""住基月報 and 年報: population, households and their movement in a period, closed, fixed and printed (JUKI-053, JUKI-054)."""
