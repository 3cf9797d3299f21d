"""Backups: planned, written, kept."""
