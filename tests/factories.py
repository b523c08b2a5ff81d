"""The people and places of the tests: alice (desk), bob (helper), charlie (manager of another commune)."""

from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from agents.models import Agent, Membership, Shift
from booking.enums import Status
from booking.models import Appointment, Resident, ResidentPhone
from communes.enums import Equipment, HelperPolicy, IncidentKind
from communes.models import Cabin, Commune, Incident, Service, Site
from core.roles import Role

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=PARIS)
"""A plain working Tuesday, ten o'clock: the present of most tests."""

PASSWORD = "une phrase de passe"
_serial = count(1)
_CODES = [str(code) for code in range(76000, 76498) if code not in (76140, 76322)]
"""Neither that of the demonstration, 76498, nor those that tests name themselves."""
_communes = count(1)
"""Apart from all other rows: two communes of one test must not get the same code."""


def at(hour: int, minute: int = 0, *, day: int = 24) -> datetime:
    """An instant in November 2026 on the clocks of Petit-Quevilly; the 24th is a Tuesday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=PARIS)


def make_commune(**fields: Any) -> Commune:
    number = next(_communes)
    values = {
        "name": "Petit-Quevilly",
        "slug": f"commune-{number}",
        "insee_code": _CODES[number % len(_CODES)],
        "public_phone": "+33261910000",
        "opened_at": TUESDAY - timedelta(days=150),
        **fields,
    }
    return Commune.objects.create(**values)


def make_site(commune: Commune, **fields: Any) -> Site:
    number = next(_serial)
    values = {
        "ref": f"site-{number}",
        "name": "Hôtel de ville",
        "short_name": "Hôtel de ville",
        "opening_hours": "Mo-Fr 09:00-12:00,14:00-17:00; PH off",
        **fields,
    }
    return Site.objects.create(commune=commune, **values)


def make_cabin(site: Site, **fields: Any) -> Cabin:
    values = {
        "name": f"Cabine {next(_serial)}",
        "equipment": [Equipment.SCREEN, Equipment.SCANNER, Equipment.PRINTER, Equipment.VIDEO],
        **fields,
    }
    return Cabin.objects.create(site=site, **values)


def make_fault(
    cabin: Cabin, kind: IncidentKind, now: datetime, end: datetime | None = None, **fields: Any
) -> Incident:
    """A fault that an agent has confirmed, until `end` if that is known."""
    values = {
        "commune": cabin.site.commune,
        "site": cabin.site,
        "opened_at": now - timedelta(hours=1),
        "confirmed_at": now - timedelta(hours=1),
        **fields,
    }
    return Incident.objects.create(cabin=cabin, kind=kind, expected_end_at=end, **values)


def make_service(commune: Commune, **fields: Any) -> Service:
    number = next(_serial)
    values = {
        "slug": f"service-{number}",
        "name": "CAF",
        "theme": "social_sante",
        "duration_min": 45,
        "turnaround_min": 10,
        "helper_policy": HelperPolicy.OPTIONAL,
        **fields,
    }
    return Service.objects.create(commune=commune, **values)


@cache
def _password_hash() -> str:
    """Once for all agents."""
    return make_password(PASSWORD)


def make_agent(commune: Commune, *roles: Role, skills: list[Service] | None = None, **fields: Any) -> Agent:
    number = next(_serial)
    values = {"username": f"agent-{number}", "first_name": "Camille", "last_name": "Roy", **fields}
    agent = Agent(**values, password=_password_hash())
    agent.save()
    membership = Membership.objects.create(
        agent=agent,
        commune=commune,
        is_desk=Role.DESK in roles,
        is_helper=Role.HELPER in roles,
        is_manager=Role.MANAGER in roles,
        is_technician=Role.TECHNICIAN in roles,
        is_elected=Role.ELECTED in roles,
    )
    membership.skills.set(skills or [])
    return agent


def make_shift(agent: Agent, site: Site, starts_at: datetime, ends_at: datetime) -> Shift:
    return Shift.objects.create(agent=agent, site=site, starts_at=starts_at, ends_at=ends_at)


def make_resident(commune: Commune, *numbers: str, **fields: Any) -> Resident:
    values = {"first_name": "Fatima", "last_name": "Bensaïd", "created_at": TUESDAY, **fields}
    values.setdefault("search_name", f"{values['first_name']} {values['last_name']}".lower())
    resident = Resident.objects.create(commune=commune, **values)
    for number in numbers:
        ResidentPhone.objects.create(
            resident=resident, number=number, is_mobile=number.startswith(("+336", "+337"))
        )
    return resident


def make_appointment(cabin: Cabin, service: Service, starts_at: datetime, **fields: Any) -> Appointment:
    """A row as it stands, without the actions: for worlds that are given, not made."""
    site = cabin.site
    ends_at = fields.pop("ends_at", starts_at + timedelta(minutes=service.duration_min))
    values = {
        "commune": site.commune,
        "site": site,
        "number": f"{next(_serial):06d}",
        "status": Status.BOOKED,
        "blocked_until": ends_at + timedelta(minutes=service.turnaround_min),
        "created_at": TUESDAY,
        "with_helper": fields.get("helper") is not None,
        "cancel_at": starts_at if fields.get("status") == Status.CANCELLING else None,
        **fields,
    }
    return Appointment.objects.create(
        cabin=cabin, service=service, starts_at=starts_at, ends_at=ends_at, **values
    )
