"""The screens, one folder each; they don't import each other."""
