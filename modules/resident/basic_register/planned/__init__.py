"""異動予定: movements the office may set for a day ahead, kept until the day and then recorded after all their checks."""
