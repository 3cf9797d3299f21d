"""The PostgreSQL engine: the register and the books of all administrations in one schema, `accountools`, of one database."""
