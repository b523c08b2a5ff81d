"""The administrator of the installation makes, lists and revokes keys of the API."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from communes.lookup import find_commune
from communes.models import ApiKey, Commune
from core import clock


class Command(BaseCommand):
    help = "Make, list or revoke the keys with which another system of a commune calls the API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a key; it is shown this once")
        create.add_argument("--commune", required=True, help="slug or INSEE code")
        create.add_argument("--name", required=True, help="which system it is for")
        create.add_argument(
            "--figures", action="store_true", help="it may read the figures too, small numbers among them"
        )
        listing = verbs.add_parser("list", help="list the keys of a commune")
        listing.add_argument("--commune", required=True, help="slug or INSEE code")
        revoke = verbs.add_parser("revoke", help="make a key worthless at once")
        revoke.add_argument("id", type=int, help="as listed")

    def handle(self, *args: Any, **options: Any) -> None:
        {"create": self.create, "list": self.list, "revoke": self.revoke}[options["verb"]](options)

    def create(self, options: dict[str, Any]) -> None:
        key = secrets.token_urlsafe(32)
        row = ApiKey.objects.create(
            commune=_commune(options["commune"]),
            name=options["name"][:60],
            key_hash=ApiKey.hash(key),
            created_at=clock.now(),
            reads_figures=options["figures"],
        )
        self.stderr.write(f"Key {row.pk} for {row.commune}. It is not kept here: note it now.")
        self.stdout.write(key)

    def list(self, options: dict[str, Any]) -> None:
        for key in _commune(options["commune"]).api_keys.all():
            state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "valid"
            may = "\tfigures" if key.reads_figures else ""
            self.stdout.write(f"{key.pk}\t{key.name}\t{key.created_at:%Y-%m-%d}\t{state}{may}")

    def revoke(self, options: dict[str, Any]) -> None:
        if not ApiKey.objects.filter(pk=options["id"], revoked_at=None).update(revoked_at=clock.now()):
            raise CommandError("There is no valid key with this id.")
        self.stdout.write("Revoked.")


def _commune(text: str) -> Commune:
    found = find_commune(text)
    if found is None:
        raise CommandError(f"There is no commune {text!r}.")
    return found
