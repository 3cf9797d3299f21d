"""What an audit file holds, and what there is to say of it."""
