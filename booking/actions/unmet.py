"""Requests of the desk that found nothing: counted once, taken back while their day is open, later summed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from booking.actions.base import action
from booking.actions.closing import add_to_sums
from booking.actions.counting import last_closed
from booking.enums import UnmetWhy
from booking.models import UnmetRequest
from booking.sums import ANYWHERE, OTHER, Cell, unmet_cells
from communes.models import Commune, Service, Site
from core.days import months_before

_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class WantedDay:
    """A local day on which somebody wanted to come. `lacked_helper`: a cabin was free then."""

    on: date
    why: UnmetWhy
    lacked_helper: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """What was asked for in one conversation. `service` None: something that is not offered, of `theme` if
    that was said. `half`: am or pm where only that would do."""

    talk: UUID
    service: Service | None
    days: Sequence[WantedDay]
    theme: str = ""
    site: Site | None = None
    half: str = ""


@action
def note_unmet(*, commune: Commune, request: Unmet, now: datetime) -> int:
    """Count a request; returns how many days are new. The same conversation, service and day count once."""
    _one_at_a_time(commune)
    today = commune.local(now).date()
    service, site = request.service, request.site
    talk = _talk(request.talk, service)
    known = UnmetRequest.objects.filter(commune=commune, talk__in=_talks(request.talk, service))
    there = set(known.values_list("wanted_on", flat=True))
    days = {day.on: day for day in request.days if day.on not in there}
    rows = [
        UnmetRequest(
            talk=talk,
            commune=commune,
            asked_on=today,
            wanted_on=day.on,
            half=request.half,
            service_ref=service.pk if service else OTHER,
            service_name=service.name if service else "",
            theme=service.theme if service else request.theme,
            site_ref=site.pk if site else ANYWHERE,
            site_name=site.name if site else "",
            why=day.why,
            lacked_helper=day.lacked_helper,
            is_first=not there and number == 0,
        )
        for number, day in enumerate(days.values())
    ]
    UnmetRequest.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@action
def forget_unmet(*, commune: Commune, talk: UUID, service: Service | None) -> int:
    """Take back what was counted of a conversation; returns how many days. A closed day stays counted."""
    _one_at_a_time(commune)
    rows = UnmetRequest.objects.filter(commune=commune, talk__in=_talks(talk, service))
    return rows.delete()[0]


def is_noted(commune: Commune, talk: UUID, service: Service | None) -> bool:
    return UnmetRequest.objects.filter(commune=commune, talk__in=_talks(talk, service)).exists()


def close_unmet(*, now: datetime) -> int:
    """Empty the keys of the conversations whose day is closed, each commune by its own calendar; returns how
    many rows."""
    return sum(_close(commune, now) for commune in Commune.objects.all())


def _close(commune: Commune, now: datetime) -> int:
    until = last_closed(commune.local(now).date())
    still_open = UnmetRequest.objects.filter(commune=commune, asked_on__lte=until).exclude(talk="")
    return still_open.update(talk="")


def fold_unmet(*, commune: Commune, now: datetime) -> int:
    """Add the requests that are older than the commune keeps visits to the monthly sums, and delete them;
    returns how many rows."""
    until = months_before(commune.local(now), commune.retention_months).date()
    folded = 0
    while count := _fold(commune, until):
        folded += count
    return folded


@action
def _fold(commune: Commune, until: date) -> int:
    _one_at_a_time(commune)
    rows = list(UnmetRequest.objects.filter(commune=commune, asked_on__lte=until)[:_AT_ONCE])
    add_to_sums(commune, _sums(rows))
    return UnmetRequest.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


def _sums(rows: Iterable[UnmetRequest]) -> dict[Cell, tuple[Counter[str], str, str]]:
    """By cell: how many, the name of the place, and the label of the code."""
    found: dict[Cell, tuple[Counter[str], str, str]] = {}
    counts: dict[Cell, Counter[str]] = defaultdict(Counter)
    for row in rows:
        month_on = row.asked_on.replace(day=1)
        for dimension, code, label, count in unmet_cells(
            service_ref=row.service_ref,
            service_name=row.service_name,
            theme=row.theme,
            why=row.why,
            lacked_helper=row.lacked_helper,
            half=row.half,
            weekday=row.wanted_on.isoweekday(),
            days=1,
            requests=int(row.is_first),
        ):
            if not count:
                continue
            cell = Cell(month_on, row.site_ref, dimension, code)
            counts[cell]["visits"] += count
            found[cell] = (counts[cell], row.site_name, label)
    return found


def _talk(talk: UUID, service: Service | None, secret: str | None = None) -> str:
    about = f"{talk} {service.pk if service else OTHER}"
    return salted_hmac("booking.UnmetRequest", about, secret=secret, algorithm="sha256").hexdigest()


def _talks(talk: UUID, service: Service | None) -> list[str]:
    """Also by former secrets: SECRET_KEY may have been changed since."""
    return [_talk(talk, service, secret) for secret in (None, *settings.SECRET_KEY_FALLBACKS)]


def _one_at_a_time(commune: Commune) -> None:
    """Two presses at once would each be the first of their conversation, and two folds add the same rows
    twice."""
    Commune.objects.select_for_update(no_key=True).get(pk=commune.pk)
