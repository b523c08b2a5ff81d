"""Writes all of one commune to a file: what it takes along when it leaves the installation, or keeps.

The file has a JSON value on each line. The first says what follows: the commune, the instant, how many rows
of each table, and which columns are left out because they open something (passwords, keys of screens and of
the API). Each further line is a row, as Django writes rows: `{"model": …, "pk": …, "fields": {…}}`.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.core import serializers
from django.db import connection, transaction
from django.db.models import Model

from communes.models import Commune
from transfer.owned import count_rows, rows_of

FORMAT = 1

SECRETS = {
    "agents.agent": ["password"],
    "agents.invitation": ["token_hash"],
    "booking.idempotencyrecord": ["key_hash", "body_hash"],
    "booking.contactkey": ["secret"],
    "communes.apikey": ["key_hash"],
    "kiosk.pairingcode": ["code", "claim_hash"],
    "kiosk.screen": ["token_hash"],
    "kiosk.spenttoken": ["token_hash"],
    "planning.calendarfeed": ["token_hash"],
    "planning.externalcalendar": ["url"],
}


def export_commune(*, commune: Commune, path: Path, now: datetime) -> dict[str, int]:
    """Write the file, readable by its owner alone, and return how many rows of each table it has. All is read
    as it was at one instant. Raises FileExistsError, or OSError where it cannot be written."""
    with _new_file(path) as file, _one_instant():
        counts = count_rows(commune)
        head = {
            "format": FORMAT,
            "commune": commune.insee_code,
            "name": commune.name,
            "written_at": now.astimezone(UTC).isoformat(),
            "counts": counts,
            "left_out": {label: names for label, names in SECRETS.items() if label in counts},
        }
        file.write(json.dumps(head, ensure_ascii=False) + "\n")
        for model, rows in rows_of(commune):
            if model._meta.label_lower in counts:
                serializers.serialize("jsonl", rows.iterator(1000), stream=file, fields=_columns(model))
    return counts


def _columns(model: type[Model]) -> list[str]:
    """Fields with many values are not among them: their rows are a table of their own."""
    left_out = SECRETS.get(model._meta.label_lower, [])
    return [field.name for field in model._meta.concrete_fields if field.name not in left_out]


@contextmanager
def _one_instant() -> Iterator[None]:
    """Read everything as it is now, and let others write meanwhile."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # The transactions of Django take the right to write, which here nobody needs.
        connection.cursor().execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            connection.cursor().execute("ROLLBACK")


@contextmanager
def _new_file(path: Path) -> Iterator[IO[str]]:
    """A file that appears whole, or not at all."""
    if path.exists():
        raise FileExistsError(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
        os.link(name, path)  # unlike a rename, it replaces nothing
    finally:
        Path(name).unlink()
