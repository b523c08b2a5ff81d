"""Actions on a commune's services: they are chosen from the catalogue or made, ordered, retired, deleted.

`communes.actions.change_service` changes one. A service that is put aside is not offered for now; a retired
one is kept for history alone, and pages to choose from show it no more.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ManyToOneRel, Max
from django.utils.text import slugify

from communes.actions import bump_sites, change_service, refuse_name
from communes.catalogue import Catalogue, CatalogueService, catalogue
from communes.enums import SetupChangeKind
from communes.errors import NewsChanged, StillUsed
from communes.models import Commune, Service
from communes.setup_log import record
from core.edits import Edit, RecordGone, lock_row, plain, plain_values, values_of

_SLUG_LENGTH = 40


def _begin(commune: Commune) -> int:
    """Lock the services of a commune against other changes of their order and number, and have its screens
    read again. Returns the last position."""
    bump_sites(commune.sites.values_list("pk", flat=True))
    Commune.objects.select_for_update(no_key=True).get(pk=commune.pk)  # there may be no site yet
    return commune.services.aggregate(last=Max("position"))["last"] or 0


@transaction.atomic
def add_service(
    *, commune: Commune, values: Mapping[str, Any], by: Any = None, now: datetime | None = None
) -> Service:
    """A service of the commune's own, at the end of the list. Raises NameTaken, ValidationError."""
    position = _begin(commune) + 1
    refuse_name(commune.services.filter(retired_at=None), str(values["name"]))
    slug = _free_slug(commune, str(values["name"]))
    service = Service(commune=commune, slug=slug, position=position, **values)
    service.full_clean()
    service.save()
    _enter(service, SetupChangeKind.CREATED, by, now, after=values)
    return service


def _enter(
    service: Service,
    kind: SetupChangeKind,
    by: Any,
    now: datetime | None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """In the log. Without an instant a command or a test does it: no entry."""
    if now is not None:
        record(service, kind, by=by, at=now, after=after)


@transaction.atomic
def add_from_catalogue(
    *,
    commune: Commune,
    keys: Iterable[str],
    offered: Catalogue | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> list[Service]:
    """Take these services of the catalogue over as they stand there. Those that the commune has are left as
    they are, also retired ones; a key that the catalogue does not know is left out."""
    position, offered = _begin(commune), offered or catalogue()
    taken = taken_keys(commune.services.all())
    added = []
    for key in dict.fromkeys(keys):
        entry = offered.services.get(key)
        if entry is None or key in taken:
            continue
        position += 1
        service = Service(
            commune=commune,
            slug=key,
            position=position,
            catalogue_key=key,
            catalogue_version=offered.version,
            catalogue_values=entry.values,
            **entry.values,
        )
        service.full_clean()
        service.save()
        _enter(service, SetupChangeKind.CREATED, by, now, after=entry.values)
        added.append(service)
    return added


def taken_keys(services: Iterable[Service]) -> dict[str, Service]:
    """By the keys of the catalogue: the services of a commune that stand for them. One that was there before
    the catalogue is known by its slug."""
    return {service.catalogue_key or service.slug: service for service in services}


def news_of(service: Service, entry: CatalogueService | None) -> dict[str, Any]:
    """What the catalogue says otherwise than when the service was taken from it, and than the commune: the
    fields with their new values."""
    if entry is None or not service.catalogue_values:
        return {}
    was = service.catalogue_values
    return {
        name: value
        for name, value in entry.values.items()
        if plain(value) not in (plain(was.get(name)), plain(getattr(service, name)))
    }


def seen_values(service: Service, news: Mapping[str, Any]) -> str:
    """The present values of these fields and their news, as one text to compare."""
    said = {name: [plain(getattr(service, name)), plain(value)] for name, value in news.items()}
    return json.dumps(said, sort_keys=True)


@transaction.atomic
def answer_news(
    *,
    service: Service,
    names: Iterable[str],
    seen: str | None = None,
    by: Any = None,
    at: datetime | None = None,
    offered: Catalogue | None = None,
) -> None:
    """Take the news of the catalogue over for the fields `names`, and leave the others as the commune has
    them: they are asked about no more. `seen`: what the page showed (`seen_values`). Raises NewsChanged,
    RecordGone."""
    offered = offered or catalogue()
    bump_sites(service.commune.sites.values_list("pk", flat=True))
    row = lock_row(Service.objects.filter(retired_at=None), service.pk)
    entry = offered.services.get(row.catalogue_key)
    if entry is None:
        raise RecordGone
    news, wanted = news_of(row, entry), set(names)
    if seen is not None and seen != seen_values(row, news):
        raise NewsChanged
    changes = {name: value for name, value in news.items() if name in wanted}
    if changes:
        stored = plain_values(values_of(row, changes))
        edit = None if at is None else Edit(stored, by, at)
        change_service(service=row, changes=changes, edit=edit)
    Service.objects.filter(pk=row.pk).update(catalogue_version=offered.version, catalogue_values=entry.values)
    service.refresh_from_db()


@transaction.atomic
def move_service(*, service: Service, by: int) -> None:
    """Put a service `by` places further down the list of those that are not retired, up if negative. Where it
    has no neighbour there, nothing happens."""
    _begin(service.commune)
    rows = list(Service.objects.filter(commune=service.commune_id, retired_at=None))
    ids = [row.pk for row in rows]
    if service.pk not in ids:
        raise RecordGone
    place = ids.index(service.pk)
    to = min(max(place + by, 0), len(rows) - 1)
    rows.insert(to, rows.pop(place))
    for position, row in enumerate(rows, start=1):
        row.position = position
    Service.objects.bulk_update(rows, ["position"])


@transaction.atomic
def retire_service(*, service: Service, now: datetime, by: Any = None) -> None:
    """Keep a service for history alone: nobody is offered it any more. Appointments already booked stay."""
    _begin(service.commune)
    rows = Service.objects.filter(pk=service.pk, retired_at=None)
    if rows.update(retired_at=now, is_active=False):
        record(service, SetupChangeKind.RETIRED, by=by, at=now)
    service.refresh_from_db()


@transaction.atomic
def bring_back_service(*, service: Service, by: Any = None, now: datetime | None = None) -> None:
    """Undo that. The service is put aside: the commune offers it again when it wants. Raises NameTaken."""
    last = _begin(service.commune)
    refuse_name(service.commune.services.filter(retired_at=None).exclude(pk=service.pk), service.name)
    rows = Service.objects.filter(pk=service.pk).exclude(retired_at=None)
    if rows.update(retired_at=None, position=last + 1):
        _enter(service, SetupChangeKind.RESUMED, by, now)
    service.refresh_from_db()


@transaction.atomic
def delete_service(*, service: Service, by: Any = None, now: datetime | None = None) -> None:
    """Delete a service on which nothing hangs; the skills of helpers for it go with it. Raises StillUsed,
    RecordGone."""
    _begin(service.commune)
    # The strongest lock: no row that is being written meanwhile can begin to hang on it.
    row = Service.objects.select_for_update().filter(pk=service.pk).first()
    if row is None:
        raise RecordGone
    if not can_delete(row):
        raise StillUsed
    _enter(row, SetupChangeKind.DELETED, by, now)
    row.delete()


def can_delete(service: Service) -> bool:
    """Whether no row of any table is about this service. A query for each table that could have one."""
    return not any(
        relation.related_model._base_manager.filter(**{relation.field.name: service.pk}).exists()
        for relation in service._meta.get_fields(include_hidden=True)
        if isinstance(relation, ManyToOneRel)
        # A skill says what somebody could help with, and nothing that happened.
        and not relation.related_model._meta.auto_created
    )


def _free_slug(commune: Commune, name: str) -> str:
    """Of the name, with a number where another service or an entry of the catalogue has it."""
    wanted = slugify(name)[:_SLUG_LENGTH].strip("-") or "service"
    taken = {*commune.services.values_list("slug", flat=True), *catalogue().services}
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
