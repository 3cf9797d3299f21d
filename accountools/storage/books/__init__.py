"""The books of an administration: queries and changes."""
