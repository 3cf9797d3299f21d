"""Looking licences over."""
