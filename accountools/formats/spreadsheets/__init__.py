"""Lists as spreadsheets keep them."""
