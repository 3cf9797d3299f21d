"""The menu Accountancy: what needs attention, and the ways on (S8, S9)."""
