"""Making and copying administrations, and their clients (S1, S7)."""
