"""Restoring a backup (S16)."""
