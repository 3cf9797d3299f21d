"""Storage: the register of the office and the books of its administrations, on an engine. Knows no file format."""
