"""The licence files that wait, on the screen of the licences."""
