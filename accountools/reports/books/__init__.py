"""What an accountant reads in the books."""
