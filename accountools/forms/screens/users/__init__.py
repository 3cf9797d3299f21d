"""The users of an administration (S6)."""
