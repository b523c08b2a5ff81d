"""Epoch ticks read directly from the database.

Decoding a timestamp takes longer than computing with it, so availability reads integers. These functions
compute, on PostgreSQL and SQLite, the same as those of `booking.engine.timeline` with the same names.
"""

import sqlite3
from typing import Any

from django.db.models import Func, IntegerField
from django.db.models.sql.compiler import SQLCompiler

from booking.engine.timeline import TICK_SECONDS

# The fraction of a second is cut off, because SQLite would round it to the millisecond: 10:04:59.9999 is not
# 10:05. `unixepoch()` is a third faster than `strftime()`, and exists since SQLite 3.38.
_SECONDS = "substr(%(expressions)s, 1, 19)"
_EPOCH = f"unixepoch({_SECONDS})"
if sqlite3.sqlite_version_info < (3, 38):
    _EPOCH = f"CAST(strftime('%%%%s', {_SECONDS}) AS INTEGER)"


class FloorTick(Func):
    """The tick that contains an instant."""

    arity = 1
    output_field = IntegerField()
    template = f"FLOOR(DATE_PART('epoch', %(expressions)s) / {TICK_SECONDS})::integer"

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template=f"({_EPOCH} / {TICK_SECONDS})", **context)


class CeilTick(Func):
    """The first tick that begins at an instant or later."""

    arity = 1
    output_field = IntegerField()
    template = f"CEIL(DATE_PART('epoch', %(expressions)s) / {TICK_SECONDS})::integer"

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> tuple[str, Any]:
        # Django writes a fraction only when it is not zero.
        whole = f"({_EPOCH} + {TICK_SECONDS - 1} + (instr(%(expressions)s, '.') > 0))"
        return self.as_sql(compiler, connection, template=f"({whole} / {TICK_SECONDS})", **context)
