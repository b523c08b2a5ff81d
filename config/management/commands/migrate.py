"""`manage.py migrate`, which leaves a database of an older version alone.

The migrations were replaced by one per app. Where an app of ours has a migration recorded that is not in its
folder any more, the tables are those of the older version, and nothing here could bring them up to date.
"""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader

OLDER = 3
"""The exit code by which scripts/run.py knows the case."""


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        refuse_an_older_database(options["database"])
        super().handle(*args, **options)


def refuse_an_older_database(alias: str) -> None:
    if is_older(alias):
        raise CommandError(
            "This database was made by an older version of Permanence, and this version cannot bring it "
            "up to date. Nothing was changed. Go on with the older version, or begin with an empty "
            "database (another DATABASE_URL). With the demonstration, `make run` offers to make it anew.",
            returncode=OLDER,
        )


def is_older(alias: str) -> bool:
    """Whether a migration of ours is recorded in the database that this version does not have."""
    loader = MigrationLoader(connections[alias])
    ours = {
        config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR
    }
    return any(
        app in ours and (app, name) not in loader.disk_migrations for app, name in loader.applied_migrations
    )
