"""The backup container: read, written, and its signed manifest."""
