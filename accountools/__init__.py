"""accountools."""
