"""Setting up an office: a new one, or a lost one made anew."""
