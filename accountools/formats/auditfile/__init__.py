"""Audit files (XAF, CLAIR2, ADF): read and checked by pyxaf, which only this room knows."""
