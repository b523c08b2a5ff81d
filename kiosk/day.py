"""Reads from the database the day that `board/layout.py` draws: four queries, however many cabins there
are, and two more while somebody waits for a helper."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from agents.models import Membership
from agents.on_duty import present_until
from booking.delays import read_late_starts
from booking.enums import Origin, Status
from booking.models import Appointment
from communes.enums import Booker, HelperPolicy
from communes.incidents import broken_equipment
from communes.models import Cabin, Commune, Service, Site
from communes.open_hours import open_spans
from core.days import day_span
from core.localtime import Span
from kiosk.board.types import BoardDay, BoardVisit, CabinDay, WalkInKind
from kiosk.helpers_here import HelperHere, helped_until, helpers_here

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
    "resident__limited_at",
    "arrived_at",
    "coming_at",
    "helper_id",
    "origin",
)


def board_day(site: Site, now: datetime, *, with_walk_ins: bool = False) -> BoardDay:
    """The local day of `now` at a site (its commune loaded). Surnames are cut to their initial here.
    `with_walk_ins`: also read what may begin in each cabin without an appointment; else anything may."""
    commune = site.commune
    found = list(Cabin.objects.filter(site=site))
    kinds = walk_in_kinds(site, found, now) if with_walk_ins else {}
    cabins = [
        CabinDay(
            cabin.pk,
            cabin.name,
            cabin.works_at(now),
            cabin.directions,
            cabin.unusable_until,
            is_shown_in_hall=cabin.is_there(now, now),
            retired_at=cabin.retired_at,
            **kinds.get(cabin.pk, {}),
        )
        for cabin in found
    ]
    spans = _spans_shown(site, now)
    return BoardDay(
        tz=commune.tz,
        name_shown_minutes_before=commune.name_shown_minutes_before,
        cabins=cabins,
        visits=_visits(site, commune, now, spans),
        open_spans=spans,
    )


def walk_in_kinds(site: Site, cabins: Iterable[Cabin], now: datetime) -> dict[int, dict[str, Any]]:
    """By cabin, the fields of `CabinDay` about visits without an appointment: two queries, and four more if a
    cabin only has services that need a helper, five if nobody is there who can help. None before the commune
    is open."""
    offered = Service.objects.active().filter(commune=site.commune_id, booker=Booker.EVERYONE)
    is_open = site.commune.opened_at is not None
    services = list(offered.only("equipment_needed", "turnaround_min", "helper_policy")) if is_open else []
    found_cabins = list(cabins)
    broken = broken_equipment([cabin.pk for cabin in found_cabins])
    suited = {
        cabin.pk: [
            each
            for each in services
            if set(each.equipment_needed) <= set(cabin.equipment) - broken.get(cabin.pk, frozenset())
        ]
        for cabin in found_cabins
    }
    helped = [own for own in suited.values() if own and all(map(_needs_helper, own))]
    helpers = helpers_here(site, now) if helped else []
    found: dict[int, dict[str, Any]] = {}
    for pk, own in suited.items():
        kinds = []
        for service in own:
            turnaround = timedelta(minutes=service.turnaround_min)
            until = helped_until(helpers, service.pk, turnaround) if _needs_helper(service) else None
            if until or not _needs_helper(service):
                kinds.append(WalkInKind(turnaround, until))
        lacks_helper = bool(own) and not kinds
        lacks_skill = lacks_helper and not _has_skill(site, {service.pk for service in own}, helpers)
        found[pk] = {"walk_ins": kinds, "lacks_helper": lacks_helper, "lacks_skill": lacks_skill}
    here = site.commune.walk_ins and site.walk_ins
    by_appointment = {"walk_ins": (), "lacks_helper": False}
    return found | {cabin.pk: by_appointment for cabin in cabins if not (here and cabin.walk_ins)}


def _has_skill(site: Site, service_ids: set[int], helpers: Sequence[HelperHere]) -> bool:
    """Whether one of the helpers who are there can do one of these services; if nobody is there, whether any
    helper of the commune can."""
    if helpers:
        return any(service_ids & each.skills for each in helpers)
    members = Membership.objects.filter(commune=site.commune_id, is_helper=True, agent__is_active=True)
    return members.filter(skills__in=service_ids).exists()


def _needs_helper(service: Service) -> bool:
    return service.helper_policy == HelperPolicy.REQUIRED


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
    rows = list(rows)
    here = present_until(site.pk, now) if any(map(_waits_for_helper, rows)) else {}
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
            number_only=_shows_number_only(row),
            with_helper=row["with_helper"],
            is_walk_in=row["is_walk_in"],
            resident_id=row["resident_id"],
            expected_at=late.get(row["id"]),
            arrived_at=row["arrived_at"],
            coming_at=row["coming_at"],
            helper_is_here=here.get(row["helper_id"], now) > now,
            calls_helper=_was_begun_on_screen(row),
        )
        for row in rows
        if row["status"] != Status.HELD or row["held_until"] > now
    ]


def _shows_number_only(row: dict[str, Any]) -> bool:
    is_limited = row["resident__limited_at"] is not None
    return row["service__is_medical"] or bool(row["resident__number_on_screen"]) or is_limited


def _waits_for_helper(row: dict[str, Any]) -> bool:
    return row["with_helper"] and (row["status"] == Status.ARRIVED or _was_begun_on_screen(row))


def _was_begun_on_screen(row: dict[str, Any]) -> bool:
    begun = row["is_walk_in"] and row["origin"] == Origin.SCREEN
    return bool(begun and row["with_helper"] and row["status"] == Status.IN_SESSION)


def first_name_and_initial(first_name: str | None, last_name: str | None) -> str:
    """As much of a name as a screen may show; empty for a walk-in without a name."""
    first, last = (first_name or "").strip(), (last_name or "").strip()
    return f"{first} {last[0].upper()}." if first and last else first
