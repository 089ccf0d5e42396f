"""The SQLite key map: names, archives, and the state of everything under way."""
