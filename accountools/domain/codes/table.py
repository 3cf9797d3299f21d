"""The table of all codes, in the order in which the documentation lists them."""

from accountools.domain.codes import (
    administrations,
    backups,
    books,
    command_line,
    hand_over,
    journal,
    licence_files,
    machine,
    office,
    spreadsheets,
    users,
)
from accountools.domain.codes.code import Code

CODES: dict[str, Code] = (
    licence_files.CODES
    | administrations.CODES
    | spreadsheets.CODES
    | users.CODES
    | hand_over.CODES
    | backups.CODES
    | office.CODES
    | command_line.CODES
    | machine.CODES
    | journal.CODES
    | books.CODES
)
