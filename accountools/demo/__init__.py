"""The demonstration office, and a walk through the whole workflow on it."""
