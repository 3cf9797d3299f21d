"""The audit: the whole office at a glance."""
