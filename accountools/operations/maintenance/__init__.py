"""What keeps an office sound: repair after an interruption, and verifying the journal."""
