"""The demonstration office, and a walk through the whole path on it."""
