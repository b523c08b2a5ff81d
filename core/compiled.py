"""Statements whose SQL is built once by Django and planned once by PostgreSQL.

Building and compiling the querysets of a search took three to four times as long as running them
(measured: 4.5 ms of 6 ms for a day, on PostgreSQL). So each statement is written as an ordinary queryset.
At its first use it is compiled with marks in place of the arguments; from then on its SQL is run with the
actual arguments. PostgreSQL plans it once per connection, too: its planner took five times as long as the
search itself (1.5 ms of 1.8).

`Compiled` returns rows as the database driver does: use it for integers, text and ticks. `Converted`
returns them as Django would, for rows that become models.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet

type Argument = int | str | datetime


type _Slot = tuple[str | None, Any]
"""A parameter: the name of an argument, or None and a value that never changes."""


class _Statement(NamedTuple):
    sql: str
    slots: list[_Slot]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]
    """For each column that needs converting: its number, its converters, and its expression."""

    def params(self, arguments: dict[str, Argument]) -> list[Any]:
        given = {name: _prepared(value) for name, value in arguments.items()}
        return [literal if name is None else given[name] for name, literal in self.slots]


class Compiled[Row: tuple[Any, ...]]:
    """`build` makes a `values_list` queryset from keyword arguments: integers, texts and aware datetimes.

    It must use each argument unchanged, in a lookup. A value computed from an argument (a day later, a
    list) would be computed from its mark, and be wrong.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        self._statements: dict[str, _Statement] = {}

    def __call__(self, **arguments: Argument) -> list[Row]:
        return self._rows(self._statement(arguments), arguments)

    def _statement(self, arguments: dict[str, Argument]) -> _Statement:
        # Tests and settings may change the database behind the alias: another vendor needs other SQL.
        if connection.vendor not in self._statements:
            self._statements[connection.vendor] = self._compile(arguments)
        return self._statements[connection.vendor]

    def _rows(self, statement: _Statement, arguments: dict[str, Argument]) -> list[Row]:
        with _cursor() as cursor:
            cursor.execute(statement.sql, statement.params(arguments))
            rows: list[Row] = cursor.fetchall()
            return rows

    def _query(self, marks: dict[str, Argument]) -> Any:
        return self.build(**marks).query

    def _compile(self, arguments: dict[str, Argument]) -> _Statement:
        marks = {name: _mark(number, value) for number, (name, value) in enumerate(arguments.items())}
        compiler = self._query(marks).get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        names = {_prepared(mark): name for name, mark in marks.items()}
        sql, slots = _with_constants(sql, [(names.get(param), param) for param in params])
        missing = marks.keys() - {name for name, _ in slots}
        if missing:
            raise TypeError(f"{self.build.__name__} does not pass on {', '.join(sorted(missing))}")
        expressions = [expression for expression, _, _ in compiler.select or ()]
        converters = compiler.get_converters(expressions).items()
        return _Statement(sql, slots, [(column, *how) for column, how in converters])


class Converted[Row: tuple[Any, ...]](Compiled[Row]):
    """Rows with booleans, JSON and instants as Django makes them."""

    def __call__(self, **arguments: Argument) -> list[Row]:
        statement = self._statement(arguments)
        rows: list[Any] = [list(row) for row in self._rows(statement, arguments)]
        for column, converters, expression in statement.converters:
            for row in rows:
                for convert in converters:
                    row[column] = convert(row[column], expression, connection)
        return rows


def _cursor() -> CursorWrapper:
    """On PostgreSQL, a cursor that sends the arguments apart from the statement, so that the server keeps
    the statement and its plan (`prepare_threshold` in core/env.py). Django's own cursor writes them
    into the statement."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    wrapper, cursor_class = cast(Any, connection), cast(Any, ServerBindingCursor)
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    return cast(CursorWrapper, wrapper._prepare_cursor(cursor_class(wrapper.connection)))


def fields_of(model: type[Model], *, through: str = "") -> tuple[str, ...]:
    """The columns that a queryset must select for `model.from_db` to make an instance; `through`: a prefix
    that follows a relation."""
    return tuple(through + field.attname for field in model._meta.concrete_fields)


def instance[M: Model](model: type[M], values: Iterable[Any]) -> M:
    """The instance made from the values of `fields_of(model)` in one row."""
    return model.from_db(connection.alias, fields_of(model), list(values))


def _with_constants(sql: str, slots: list[_Slot]) -> tuple[str, list[_Slot]]:
    """Write into the statement the whole numbers and plain words that never change. psycopg parses a
    statement of more than fifty parameters anew each time, and SQLite uses a partial index of live
    appointments only where the statement itself names the live statuses."""
    left, kept = iter(slots), []

    def fill(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        name, value = slot = next(left)
        if name is None and isinstance(value, int) and not isinstance(value, bool):
            return f"{value:d}"
        if name is None and isinstance(value, str) and re.fullmatch("[a-z_]+", value):
            return f"'{value}'"
        kept.append(slot)
        return "%s"

    return re.sub("%%|%s", fill, sql), kept


def _mark(number: int, value: Argument) -> Argument:
    """A value that stands for an argument, and that no query contains otherwise."""
    if isinstance(value, datetime):
        return datetime(1999, 12, 31, 23, 59, 59, 1000 + number, tzinfo=UTC)
    return f"mark {number}" if isinstance(value, str) else 2_140_000_000 + number


def _prepared(value: Argument) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
