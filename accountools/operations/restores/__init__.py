"""Backups that come in: checked, restored, installed, rehearsed, verified, inspected."""
