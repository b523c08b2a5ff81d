"""A database for support and training, in which nobody is who exists (`manage.py anonymised_copy`).

Every column of every table is declared; a test fails for one that is not.
"""

from privacy.copies import dropped, invented, kept
from privacy.copies.table import CopiedTable, How

COPIED: tuple[CopiedTable, ...] = (*kept.TABLES, *invented.TABLES, *dropped.TABLES)

__all__ = ["COPIED", "CopiedTable", "How"]
