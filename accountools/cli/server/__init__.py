"""The commands about the office itself: its folders and members, and where it is kept."""
