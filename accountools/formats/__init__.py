"""Bytes in, values out: licence files, backups, keys, spreadsheets. Knows no database and asks no clock."""
