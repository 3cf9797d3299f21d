"""Every code of the interface, by subject: all that can go wrong."""
