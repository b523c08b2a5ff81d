"""Whoever was erased stays erased when an older backup is put back.

The list of those who were erased is in the database that is replaced. It is read before, written into a file
of ours, and carried out on what was restored: at once where the tables are those of this version, else by
`manage.py erase_again` after `migrate`.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from communes.models import Commune
from core.sqlite.base import make_private
from privacy.actions import erase_again
from privacy.models import ErasedResident

COLUMNS = ("commune_id", "resident_ref", "at", "coming")


def _file() -> Path:
    return Path(settings.VAR_DIR) / "erased-before-restore.json"


def carry() -> int:
    """Write down who was erased, as the database that is to be replaced says it, with what an earlier restore
    has left to do. Returns how many; 0 where it cannot be read or knows nobody."""
    try:
        rows = list(ErasedResident.objects.values_list(*COLUMNS))
    except DatabaseError:
        rows = []
    lines = {(row[0], row[1]): [row[0], row[1], row[2].isoformat(), row[3]] for row in rows}
    lines |= {(line[0], line[1]): line for line in _carried()}
    if lines:
        path = _file()
        beside = path.with_suffix(".new")
        make_private(str(beside))
        beside.write_text(json.dumps(list(lines.values())), encoding="utf-8")
        beside.replace(path)
    return len(lines)


def is_left() -> bool:
    return _file().exists()


def carry_out(*, now: datetime) -> int:
    """Erase again, in what was restored, whoever had been erased. Returns how many records."""
    known = set(Commune.objects.values_list("pk", flat=True))
    rows = [
        ErasedResident(
            commune_id=commune_id, resident_ref=ref, at=datetime.fromisoformat(str(at)), coming=coming
        )
        for commune_id, ref, at, coming in _carried()
        if commune_id in known
    ]
    ErasedResident.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    erased = erase_again(now=now)
    _file().unlink(missing_ok=True)
    return erased


def _carried() -> list[list[Any]]:
    try:
        found: list[list[Any]] = json.loads(_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return found
