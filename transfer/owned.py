"""Which rows of which tables belong to one commune: what an export writes and a removal erases.

Nothing is declared table by table: it follows from the foreign keys, so that a new table is known from the
day it is made. A row belongs to a commune by the first of these that its table has: a commune; a row without
which it cannot be (a cabin has a place); any of the rows that it may name.

Agents belong to no commune: they have memberships. An account that works for this commune alone goes with it,
and so does what is the agent's own (calendars, time away), unless a row of another commune names the agent.
"""

from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter

from django.apps import apps
from django.db.models import Exists, ForeignKey, Model, OuterRef, Q, QuerySet

from agents.models import Agent, Membership
from communes.models import Commune
from core.models import EditTrace

type Table = type[Model]

_SHARED = {"auth", "axes", "contenttypes", "django_q", "sessions"}
"""Apps of libraries: their rows name no commune."""


def tables() -> list[Table]:
    """Every table of the product with those of many-to-many fields: whichever names another stands first."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in _SHARED and not model._meta.proxy
    ]
    named: TopologicalSorter[Table] = TopologicalSorter()
    for model in sorted(found, key=lambda model: model._meta.label):
        named.add(model, *(key.related_model for key in _keys(model) if key.related_model in found))
    return list(named.static_order())[::-1]


def rows_of(commune: Commune) -> Iterator[tuple[Table, QuerySet[Model]]]:
    """Each table with its rows that belong to the commune, in the order of `tables`."""
    here = Commune.objects.filter(pk=commune.pk)
    alone = accounts_of(commune)
    for model in tables():
        rows = belonging(model, here) | _own_rows(model, alone)
        if model is EditTrace:
            rows |= model._base_manager.filter(pk__in=list(_traces(here)))
        yield model, rows.order_by("pk")


def count_rows(commune: Commune) -> dict[str, int]:
    """How many rows of each table belong to the commune; tables without any are left out."""
    counts = {model._meta.label_lower: rows.count() for model, rows in rows_of(commune)}
    return {label: number for label, number in counts.items() if number}


def accounts_of(commune: Commune) -> list[int]:
    """The ids of the accounts that go with the commune."""
    others = Commune.objects.exclude(pk=commune.pk)
    accounts = Agent.objects.filter(
        Exists(Membership.objects.filter(agent=OuterRef("pk"), commune=commune)), is_superuser=False
    )
    for model in tables():
        for key in _keys(model):
            if key.related_model is Agent:
                theirs = belonging(model, others).filter(**{key.name: OuterRef("pk")})
                accounts = accounts.exclude(Exists(theirs))
    return list(accounts.order_by("pk").values_list("pk", flat=True))


def belonging(model: Table, communes: QuerySet[Commune]) -> QuerySet[Model]:
    """The rows of a table that belong to one of these communes."""
    if model is Commune:
        return model._base_manager.filter(pk__in=communes.values("pk"))
    found = Q(pk__in=[])
    for key in _owners(model):
        found |= Q(**{f"{key.name}__in": belonging(key.related_model, communes).values("pk")})
    return model._base_manager.filter(found)


def _own_rows(model: Table, agents: list[int]) -> QuerySet[Model]:
    """The rows that belong to no commune, but to one of these agents."""
    if model is Agent:
        return model._base_manager.filter(pk__in=agents)
    found = Q(pk__in=[])
    for key in _own_keys(model):
        found |= Q(**{f"{key.name}__in": _own_rows(key.related_model, agents).values("pk")})
    of_communes = belonging(model, Commune.objects.all())
    return model._base_manager.filter(found, ~Q(pk__in=of_communes.values("pk")))


def _owners(model: Table) -> list[ForeignKey[Model]]:
    """The foreign keys by which a row belongs to a commune."""
    return _first([key for key in _keys(model) if key.related_model is Commune or _owners(key.related_model)])


def _own_keys(model: Table) -> list[ForeignKey[Model]]:
    """The same by which a row is an agent's own, where it need not belong to a commune."""
    if _has_always_a_commune(model):
        return []
    return _first([key for key in _keys(model) if key.related_model is Agent or _own_keys(key.related_model)])


def _first(keys: list[ForeignKey[Model]]) -> list[ForeignKey[Model]]:
    """A single one that is never empty, best that of the commune or agent itself; or all."""
    certain = [key for key in keys if not key.null]
    certain.sort(key=lambda key: key.related_model not in (Commune, Agent))
    return certain[:1] or keys


def _has_always_a_commune(model: Table) -> bool:
    owners = _owners(model)
    return model is Commune or any(
        not key.null and _has_always_a_commune(key.related_model) for key in owners
    )


def _keys(model: Table) -> list[ForeignKey[Model]]:
    """Its foreign keys, but those to a row of the same table."""
    keys = [field for field in model._meta.get_fields() if isinstance(field, ForeignKey)]
    return [key for key in keys if key.related_model is not model]


def _traces(communes: QuerySet[Commune]) -> Iterator[int]:
    """The ids of the traces of edits of these communes' rows, which they name in words alone."""
    named: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for pk, record in EditTrace.objects.values_list("pk", "record"):
        label, _, row = record.partition(":")
        if row.isdecimal():
            named[label][int(row)].append(pk)
    for model in tables():
        rows = named.get(model._meta.label_lower, {})
        for row in belonging(model, communes).filter(pk__in=list(rows)).values_list("pk", flat=True):
            yield from rows[row]
