"""The order of names as French has it, the same in both databases: « Éric » between « Emma » and « Farid ».

PostgreSQL has the collation of ICU; SQLite gets one of the same name, made of the letters without their
accents first and the accents last.
"""

import sqlite3
import unicodedata
from typing import Any

from django.db.backends.signals import connection_created
from django.db.models.functions import Collate

COLLATION = "fr-x-icu"


def in_french_order(*names: str) -> list[Collate]:
    """For `order_by`: these text columns in the order of French."""
    return [Collate(name, COLLATION) for name in names]


def order_key(text: str) -> tuple[str, str]:
    """For `sorted`: the same order."""
    parts = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(each for each in parts if each.isalnum())
    return letters, parts


def register() -> None:
    connection_created.connect(_add_collation, dispatch_uid="french order")


def _add_collation(*, connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite":
        own: sqlite3.Connection = connection.connection
        own.create_collation(COLLATION, _compare)


def _compare(one: str, other: str) -> int:
    first, second = order_key(one), order_key(other)
    return (first > second) - (first < second)
