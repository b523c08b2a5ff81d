"""Copies a whole installation from SQLite to an empty PostgreSQL, and compares both row by row.

What is copied is the database as it was when the copy began. What is booked afterwards in the old one stays
there: to move for good, web and worker are stopped first.
"""

from itertools import batched
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from core.second_database import known_as, taken_for_the_default
from operation.backups import is_filled, refuse_other_programs
from operation.copies.base import Counts
from operation.copies.sqlite import SqliteCopies, write_plain
from operation.errors import OperationRefused
from operation.scratch import scratch_in

SOURCE = "moved_from"
TARGET = "moved_to"
AT_ONCE = 500


def copy_database(*, url: str, in_use: bool = False) -> Counts:
    """How many rows of each table were copied. Raises OperationRefused, after which the target is as it was,
    but for empty tables."""
    if connection.vendor != "sqlite":
        raise OperationRefused(
            _("Only a SQLite database is copied; this installation has %s.") % connection.vendor
        )
    if not url.startswith(("postgres://", "postgresql://")):
        raise OperationRefused(_("Name the new database as postgres://user:password@host:5432/name."))
    source = SqliteCopies()
    if not in_use:
        source.refuse_while_used()
    with scratch_in(settings.VAR_DIR, ".moving-") as folder:
        still = folder / "database.sqlite3"
        write_plain(source.path, still)
        with known_as(SOURCE, f"sqlite:///{still}"), known_as(TARGET, url):
            _require_all_migrations()
            _prepare_target()
            with transaction.atomic(using=TARGET):
                counts = {model._meta.db_table: _copy(model) for model in tables()}
                _set_sequences()
                for model in tables():
                    _compare(model)
    return counts


def tables() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def _require_all_migrations() -> None:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[SOURCE])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise OperationRefused(_("Run “manage.py migrate” on the old database first."))


def _prepare_target() -> None:
    """All tables, without a row: what `migrate` itself puts there comes over from the source."""
    target = connections[TARGET]
    try:
        names = target.introspection.table_names()
    except DatabaseError as error:
        raise OperationRefused(_("The new database does not answer.")) from error
    refuse_other_programs(names)
    with target.cursor() as cursor:
        held = {}
        for name in {"communes_commune", "agents_agent"} & set(names):
            cursor.execute(f"SELECT count(*) FROM {target.ops.quote_name(name)}")  # noqa: S608 of ours
            held[name] = cursor.fetchone()[0]
    if is_filled(held):
        raise OperationRefused(_("The new database is not empty: nothing was copied."))
    with taken_for_the_default(TARGET):
        call_command("migrate", database=TARGET, interactive=False, verbosity=0)


def _columns(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _copy(model: type[Model]) -> int:
    rows = model._base_manager.using(SOURCE).order_by("pk")
    copied = 0
    target: Any = model._base_manager.using(TARGET)
    target.all()._raw_delete(TARGET)
    for some in batched(rows.iterator(AT_ONCE), AT_ONCE):
        try:
            # Raw: what a column sets by itself when it is saved (such as “changed at”) stays as it was.
            target._insert(list(some), fields=_columns(model), using=TARGET, raw=True)
        except (DatabaseError, ValueError) as error:
            raise OperationRefused(
                _("A row of %(table)s between %(first)s and %(last)s is not taken: %(kind)s.")
                % {
                    "table": model._meta.db_table,
                    "first": some[0].pk,
                    "last": some[-1].pk,
                    "kind": type(error.__cause__ or error).__name__,
                }
            ) from error
        copied += len(some)
    return copied


def _set_sequences() -> None:
    """The next row that is made gets a number of its own."""
    target = connections[TARGET]
    with target.cursor() as cursor:
        for statement in target.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)


def _compare(model: type[Model]) -> None:
    names = [field.attname for field in _columns(model)]
    ours, theirs = (
        model._base_manager.using(alias).order_by("pk").values_list(*names).iterator(AT_ONCE)
        for alias in (SOURCE, TARGET)
    )
    try:
        same = all(_plain(one) == _plain(other) for one, other in zip(ours, theirs, strict=True))
    except ValueError:
        same = False
    if not same:
        raise OperationRefused(_("%s is not the same in both: do not use the copy.") % model._meta.db_table)


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [bytes(value) if isinstance(value, memoryview) else value for value in row]
