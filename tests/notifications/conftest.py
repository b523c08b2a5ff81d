"""Small communes with residents to tell, and providers to send by."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service
from notifications.actions import suppress
from notifications.enums import StopReason
from notifications.providers.twilio import conf
from notifications.sending.sweep import sweep
from notifications.suppressions import suppressed
from tests.factories import TUESDAY, make_commune, make_resident
from tests.notifications.fake_twilio import ACCOUNT, TOKEN, FakeTwilio

SENDER = "+33199000010"


@pytest.fixture
def commune(db: None) -> Commune:
    return make_commune(insee_code="76498", sender=SENDER)


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


@pytest.fixture
def georges(commune: Commune) -> Resident:
    """Has a landline only."""
    return make_resident(commune, "+33261910042", first_name="Georges", last_name="Lemaire")


@pytest.fixture
def simulated(settings: Any) -> None:
    settings.DEBUG = True


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    """Our own Twilio, and the real client that talks to it."""
    with FakeTwilio(clock=lambda: TUESDAY) as fake:
        monkeypatch.setattr(conf, "ACCOUNT_SID", ACCOUNT)
        monkeypatch.setattr(conf, "AUTH_TOKEN", TOKEN)
        monkeypatch.setattr(conf, "BASE_URL", fake.url)
        settings.PUBLIC_BASE_URL = "https://permanence.example"
        yield fake


@pytest.fixture
def appointment(cabin: Cabin, service: Service, fatima: Resident) -> Appointment:
    """Booked by the desk just now, for Friday half past ten."""
    return book_for(fatima, cabin, service)


def book_for(
    resident: Resident | None, cabin: Cabin, service: Service, start: datetime | None = None, **fields: Any
) -> Appointment:
    """A booking with its event, as the action writes it, without asking whether the place is free."""
    from django.db import transaction

    from booking.enums import EventKind
    from booking.log import Actor, write
    from core.roles import Role
    from tests.factories import at, make_agent, make_appointment

    now = fields.pop("now", TUESDAY)
    by = fields.pop("by", None) or Actor.agent(make_agent(cabin.site.commune, Role.DESK))
    appointment = make_appointment(cabin, service, start or at(10, 30, day=27), resident=resident, **fields)
    with transaction.atomic():
        write(
            appointment=appointment,
            kind=EventKind.BOOKED,
            at=now,
            by=by,
            changes={
                "status": (None, "booked"),
                "starts_at": (None, appointment.starts_at.isoformat()),
                "site": (None, appointment.site_id),
            },
        )
    return appointment


def stop(number: str, commune: Commune, *, now: datetime = TUESDAY) -> None:
    """Someone with that number wrote STOP."""
    suppress(commune=commune, number=number, reason=StopReason.REPLY, now=now)


def has_stopped(number: str, commune: Commune) -> bool:
    return bool(suppressed([(commune.pk, number)]))


def run(now: datetime = TUESDAY) -> None:
    sweep(now=now)
