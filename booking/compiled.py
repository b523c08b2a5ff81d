"""Querysets whose SQL is worked out once.

Building and compiling the six querysets of a search took three to four times as long as running
them (measured: 4.5 ms of 6 ms for a day, on PostgreSQL). So each is written as an ordinary
queryset, compiled at its first use with marks in place of the arguments, and from then on run as
SQL with the arguments of the moment.

Rows come as the database driver gives them: ask for integers, text and ticks, not for columns
that Django would convert.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

type Argument = int | datetime


class Compiled[Row: tuple[Any, ...]]:
    """`build` makes a `values_list` queryset from keyword arguments, integers and aware datetimes.

    It must use each argument as it is given, in a lookup: what it computes from one (a day later, a
    list) would be computed from a mark.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        self._sql: dict[str, tuple[str, list[tuple[str | None, Any]]]] = {}

    def __call__(self, **arguments: Argument) -> list[Row]:
        # Tests and settings may change what stands behind the alias: another vendor, other SQL.
        if connection.vendor not in self._sql:
            self._sql[connection.vendor] = self._compile(arguments)
        sql, slots = self._sql[connection.vendor]
        given = {name: _prepared(value) for name, value in arguments.items()}
        params = [literal if name is None else given[name] for name, literal in slots]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[Row] = cursor.fetchall()
            return rows

    def _compile(self, arguments: dict[str, Argument]) -> tuple[str, list[tuple[str | None, Any]]]:
        marks = {name: _mark(number, value) for number, (name, value) in enumerate(arguments.items())}
        sql, params = self.build(**marks).query.get_compiler(connection=connection).as_sql()
        names = {_prepared(mark): name for name, mark in marks.items()}
        slots = [(names.get(param), param) for param in params]
        missing = marks.keys() - {name for name, _ in slots}
        if missing:
            raise TypeError(f"{self.build.__name__} does not pass on {', '.join(sorted(missing))}")
        return sql, slots


def _mark(number: int, value: Argument) -> Argument:
    """A value that no query holds for itself."""
    if isinstance(value, datetime):
        return datetime(1999, 12, 31, 23, 59, 59, 1000 + number, tzinfo=UTC)
    return 2_140_000_000 + number


def _prepared(value: Argument) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
