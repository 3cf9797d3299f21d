"""The SQLite engine: an office folder with a register and one file for the books of each administration."""
