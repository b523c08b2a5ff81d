"""Reads from the database the day that `board/layout.py` draws: four queries, however many cabins there
are."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from booking.delays import read_late_starts
from booking.enums import Status
from booking.models import Appointment
from communes.models import Cabin, Commune, Site
from communes.open_hours import open_spans
from core.days import day_span
from core.localtime import Span
from kiosk.board.types import BoardDay, BoardVisit, CabinDay

HORIZON_DAYS = 10
"""How many days ahead the next opening is looked for at first: it nearly always comes within them."""

FARTHEST_DAYS = 365

SMALL_HOURS = timedelta(hours=6)
"""An opening time that goes on past midnight belongs to the day on which it begins, but at most for this
long: so no clock time occurs twice on one board."""

_SHOWN = (Status.HELD, Status.BOOKED, Status.ARRIVED, Status.IN_SESSION, Status.DONE, Status.NO_SHOW)
_FIELDS = (
    "id",
    "cabin_id",
    "number",
    "status",
    "starts_at",
    "ends_at",
    "blocked_until",
    "held_until",
    "with_helper",
    "is_walk_in",
    "service__is_medical",
    "resident_id",
    "resident__first_name",
    "resident__last_name",
    "resident__number_on_screen",
)


def board_day(site: Site, now: datetime) -> BoardDay:
    """The local day of `now` at a site (its commune loaded). Surnames are cut to their initial here."""
    commune = site.commune
    cabins = [
        CabinDay(cabin.pk, cabin.name, cabin.works_at(now), cabin.directions, cabin.out_until)
        for cabin in Cabin.objects.filter(site=site)
    ]
    spans = _spans_shown(site, now)
    return BoardDay(
        tz=commune.tz,
        name_shown_minutes_before=commune.name_shown_minutes_before,
        cabins=cabins,
        visits=_visits(site, commune, now, spans),
        open_spans=spans,
    )


def _spans_shown(site: Site, now: datetime) -> list[Span]:
    """When the site is open from this morning on, without closures, for HORIZON_DAYS days. If it does not
    open in them, for FARTHEST_DAYS."""
    spans = _open_spans(site, now, HORIZON_DAYS)
    return spans if any(closes > now for _, closes in spans) else _open_spans(site, now, FARTHEST_DAYS)


def _open_spans(site: Site, now: datetime, days: int) -> list[Span]:
    today = site.commune.local(now).date()
    return open_spans([site], site.commune, today, today + timedelta(days=days))[site.pk]


def _visits(site: Site, commune: Commune, now: datetime, spans: Iterable[Span]) -> list[BoardVisit]:
    today = now.astimezone(commune.tz).date()
    start, midnight = day_span(today, commune.tz)
    past_midnight = [closes for opens, closes in spans if opens < midnight < closes]
    end = min(max([midnight, *past_midnight]), midnight + SMALL_HOURS)
    late = read_late_starts(commune=commune, on=today)
    rows = (
        Appointment.objects.filter(site=site, status__in=_SHOWN, starts_at__lt=end, ends_at__gt=start)
        .order_by("starts_at", "id")
        .values(*_FIELDS)
    )
    return [
        BoardVisit(
            id=row["id"],
            cabin_id=row["cabin_id"],
            number=row["number"],
            status=Status(row["status"]),
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            blocked_until=row["blocked_until"],
            name=first_name_and_initial(row["resident__first_name"], row["resident__last_name"]),
            number_only=row["service__is_medical"] or bool(row["resident__number_on_screen"]),
            with_helper=row["with_helper"],
            is_walk_in=row["is_walk_in"],
            resident_id=row["resident_id"],
            expected_at=late.get(row["id"]),
        )
        for row in rows
        if row["status"] != Status.HELD or row["held_until"] > now
    ]


def first_name_and_initial(first_name: str | None, last_name: str | None) -> str:
    """As much of a name as a screen may show; empty for a walk-in without a name."""
    first, last = (first_name or "").strip(), (last_name or "").strip()
    return f"{first} {last[0].upper()}." if first and last else first
