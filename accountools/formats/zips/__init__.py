"""What is checked of a ZIP before it is opened."""
