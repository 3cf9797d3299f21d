"""Licences: imported, shown, renewed, revoked, issued."""
