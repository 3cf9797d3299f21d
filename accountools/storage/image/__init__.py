"""The image in a backup: a SQLite file with the books and an extract of the register, whichever engine they come from."""
