"""Licences as they come by mail."""
