"""What screens of several parts share, and what is shown in more than one of them."""
