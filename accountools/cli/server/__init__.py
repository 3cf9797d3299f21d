"""The commands about where an office is kept."""
