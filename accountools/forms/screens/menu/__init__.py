"""The menu Accountancy: what needs attention, and the links to all screens (S8, S9)."""
