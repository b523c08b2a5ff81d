"""A whole database out to a file and back in, for each kind of database."""

from django.db import connection

from operation.copies.base import DatabaseCopies
from operation.copies.postgresql import PostgresqlCopies
from operation.copies.sqlite import SqliteCopies

KINDS: dict[str, type[DatabaseCopies]] = {"sqlite": SqliteCopies, "postgresql": PostgresqlCopies}


def copies_of_this_installation() -> DatabaseCopies:
    return KINDS[connection.vendor]()
