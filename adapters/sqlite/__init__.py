"""Jobs and assets in one SQLite file."""
