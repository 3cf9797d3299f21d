"""Importing a client's licence, and the backup that follows (S11–S15)."""
