"""What is kept: the register of the office and the books of its administrations. Knows no file format."""
