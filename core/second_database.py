"""A further database beside the installation's own, for as long as a command works on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from core.env import database_from_url


@contextmanager
def known_as(alias: str, url: str) -> Iterator[None]:
    """The database at `url` under this name, for as long as the block."""
    described: dict[str, Any] = {**database_from_url(url, Path()), "CONN_MAX_AGE": 0}
    described["OPTIONS"].pop("pool", None)
    both = connections.configure_settings({"default": {}, alias: described})
    connections.settings[alias] = both[alias]
    try:
        yield
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


@contextmanager
def taken_for_the_default(alias: str) -> Iterator[None]:
    """Migrations that move rows ask for them without naming a database: they are to find this one."""
    default = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[alias]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = default
