"""The backups that were made: listed, checked, tested, removed, and folders of older ones inspected."""
