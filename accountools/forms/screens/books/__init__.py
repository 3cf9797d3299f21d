"""The books of an administration: audit files in and out, and what an accountant reads in them."""
