"""Erases one commune: all of its rows, and the accounts that work for no other."""

from collections.abc import Iterable, Iterator

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session

from agents.models import Agent
from booking.actions.base import action
from communes.models import Commune, Site
from core.edits import RecordGone
from notifications.actions.erasures import leave_to_provider
from notifications.models import InboundMessage, Message, ProviderErasure
from transfer.owned import Table, rows_of

_AT_ONCE = 500


@action
def remove_commune(*, commune: Commune) -> dict[str, int]:
    """Erase the commune, and return how many rows of each table went. What providers keep of its messages is
    noted, and they are asked to delete it each night until they have. Raises RecordGone."""
    _lock(commune)
    leave_to_provider(Message.objects.filter(commune=commune), InboundMessage.objects.filter(commune=commune))
    ProviderErasure.objects.filter(commune=commune).update(commune=None)
    # All are found before the first one goes: some are found by others.
    found = [(model, list(rows.values_list("pk", flat=True))) for model, rows in rows_of(commune)]
    _end_logins(ids for model, ids in found if model is Agent)
    for model, ids in found:
        _delete(model, ids)
    return {model._meta.label_lower: len(ids) for model, ids in found if ids}


def _lock(commune: Commune) -> None:
    """Let nobody write rows of the commune meanwhile: every action locks its place first, and so does this;
    then a place that was made since."""
    _lock_places(commune)
    if not Commune.objects.select_for_update().filter(pk=commune.pk):
        raise RecordGone
    _lock_places(commune)


def _lock_places(commune: Commune) -> None:
    list(Site.objects.select_for_update().filter(commune=commune).order_by("pk"))


def _delete(model: Table, ids: list[int]) -> None:
    for some in _parts(ids):
        _number, gone = model._base_manager.filter(pk__in=some).delete()
        if set(gone) - {model._meta.label}:
            raise AssertionError(f"rows that nobody counted would go: {gone}")


def _end_logins(found: Iterable[list[int]]) -> None:
    """Delete the sessions of these accounts, and what is noted of their logins."""
    agents = Agent.objects.filter(pk__in=[pk for ids in found for pk in ids])
    names, ids = list(agents.values_list("username", flat=True)), {str(agent.pk) for agent in agents}
    for session in Session.objects.all().iterator(1000):
        if session.get_decoded().get("_auth_user_id") in ids:
            session.delete()
    for table in (AccessAttempt, AccessFailureLog, AccessLog):
        table.objects.filter(username__in=names).delete()


def _parts(ids: list[int]) -> Iterator[list[int]]:
    """So many at a time as SQLite takes in one statement."""
    yield from (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
