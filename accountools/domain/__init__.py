"""The field: values that can't be wrong and the rules about them. Knows no file, database or screen."""
