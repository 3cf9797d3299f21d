"""Migrations of the register and the books, run by Alembic."""
