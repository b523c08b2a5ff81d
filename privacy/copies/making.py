"""Makes the copy: what is kept is copied column by column, all people are invented."""

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Field, Model

from communes.models import Commune
from core.second_database import known_as, taken_for_the_default
from privacy.copies import COPIED, CopiedTable, How
from privacy.copies.inventing import Invented
from privacy.copies.people import OFFICE_PHONE
from privacy.errors import CopyRefused

COPY = "anonymised_copy"
LOGIN = "copie"
ONE_OF = {
    "communes.Commune": "pk",
    "communes.Site": "commune",
    "communes.Cabin": "site__commune",
    "communes.Closure": "site__commune",
}
"""By which field a row belongs to a commune; `commune` for all others."""
FILLED: Mapping[str, Callable[[], Any]] = {
    "communes.Commune.public_phone": lambda: OFFICE_PHONE,
    "communes.Site.phone": lambda: OFFICE_PHONE,
}


@dataclass
class Made:
    """`password`: of the one account that can log in, `LOGIN`; it is kept nowhere."""

    password: str
    rows: dict[str, int] = field(default_factory=dict)


def make_copy(*, output: str, communes: Collection[Commune], now: datetime) -> Made:
    """Write the copy into a new SQLite file, or into an empty PostgreSQL database. The source is only read.
    Raises CopyRefused; then a file that was begun is gone."""
    url, path = _target(output)
    if path is not None:
        path.touch(mode=0o600, exist_ok=False)
    try:
        with known_as(COPY, url):
            _prepare()
            made = _fill(communes, now)
            if path is not None:
                _tidy_file()
    except BaseException:
        if path is not None:
            for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
                each.unlink(missing_ok=True)
        raise
    return made


def _target(output: str) -> tuple[str, Path | None]:
    """The URL of the database, and the file of SQLite. Refuses what is there."""
    if output.startswith(("postgres://", "postgresql://")):
        _refuse_the_source(output)
        return output, None
    path = Path(unquote(urlsplit(output).path[1:]) if output.startswith("sqlite:///") else output).absolute()
    if path.exists():
        raise CopyRefused("exists")
    if not path.parent.is_dir():
        raise CopyRefused("no_folder")
    return f"sqlite:///{path}", path


def _refuse_the_source(url: str) -> None:
    parts, own = urlsplit(url), connection.settings_dict
    if connection.vendor == "postgresql" and (
        unquote(parts.path[1:]),
        parts.hostname or "",
        str(parts.port or 5432),
    ) == (own["NAME"], own["HOST"], str(own["PORT"] or 5432)):
        raise CopyRefused("source")


def _prepare() -> None:
    """All tables, empty. Refuses a database in which there is one."""
    target = connections[COPY]
    try:
        held = target.introspection.table_names()
    except DatabaseError as error:
        raise CopyRefused("no_answer") from error
    if held:
        raise CopyRefused("filled")
    with taken_for_the_default(COPY):
        call_command("migrate", database=COPY, interactive=False, verbosity=0)


def _fill(communes: Collection[Commune], now: datetime) -> Made:
    made = Made(secrets.token_urlsafe(12))
    with transaction.atomic(using=COPY):
        for table in COPIED:
            if table.how != How.KEPT:
                continue
            model: type[Model] = apps.get_model(table.name)
            belongs = {f"{ONE_OF.get(table.name, 'commune')}__in": [each.pk for each in communes]}
            rows = model._base_manager.filter(**belongs).order_by("pk")
            made.rows[table.name] = _write([_kept(table, row) for row in rows.iterator(500)])
        invented = Invented(using=COPY, now=now)
        for commune in communes:
            invented.add_commune(commune)
        invented.add_login(LOGIN, made.password, communes)
        for rows_of in invented.rows():
            made.rows[type(rows_of[0])._meta.label] = _write(rows_of)
        _set_sequences()
    return made


def _kept(table: CopiedTable, row: Model) -> Model:
    """A row with what is kept of this one."""
    model = type(row)
    values: dict[str, Any] = {}
    for name in table.columns:
        column = model._meta.get_field(name)
        assert isinstance(column, Field)
        if name in table.kept.split():
            values[column.attname] = getattr(row, column.attname)
        elif name in table.invented.split():
            value = getattr(row, column.attname)
            values[column.attname] = FILLED[f"{table.name}.{name}"]() if value else value
        else:
            values[column.attname] = _empty(column)
    return model(**values)


def _empty(column: "Field[Any, Any]") -> Any:
    if column.has_default():
        return column.get_default()
    return None if column.null else ""


def _write(rows: list[Any]) -> int:
    """Raw: what a column sets by itself when it is saved stays as it was."""
    if not rows:
        return 0
    model = type(rows[0])
    columns = [each for each in model._meta.local_concrete_fields if not each.generated]
    for start in range(0, len(rows), 500):
        target: Any = model._base_manager.using(COPY)
        target._insert(rows[start : start + 500], fields=columns, using=COPY, raw=True)
    return len(rows)


def _set_sequences() -> None:
    target = connections[COPY]
    models = [apps.get_model(table.name) for table in COPIED]
    with target.cursor() as cursor:
        for statement in target.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _tidy_file() -> None:
    """One file without free pages, and nothing beside it."""
    with connections[COPY].cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA journal_mode=DELETE")
        cursor.execute("VACUUM")
