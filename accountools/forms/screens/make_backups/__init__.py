"""Making backups: one, several, all that are ready (S9)."""
