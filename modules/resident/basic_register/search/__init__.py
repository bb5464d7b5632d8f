"""The one search box: `terms` reads what was typed, `statement` says it in SQL, `find` answers."""
