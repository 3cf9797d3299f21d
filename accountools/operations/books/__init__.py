"""The books: entries and charts."""
