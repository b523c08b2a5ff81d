"""After the night in which someone's time is over, nothing about them is left in any table."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models

from booking import actions
from booking.actions import PhoneInput
from booking.enums import Outcome, Reason, UnmetWhy
from booking.log import Actor
from booking.models import IdempotencyRecord, MonthlySum, Resident, WaitingOffer
from communes.models import ApiKey, Cabin, Commune, Service
from notifications.enums import Channel, MessageKind, State
from notifications.models import Consent, InboundMessage, Message, NextLook
from privacy.register import REGISTER, Goes
from tests.factories import TUESDAY
from tests.nights import run_night

pytestmark = pytest.mark.django_db

MARK = "Zyxwv"
NUMBER = "+33639984321"
YEARS_AGO = TUESDAY - timedelta(days=800)


def everything_that_is_kept() -> str:
    """Every value of every row of every table, as one text."""
    rows = (
        row
        for model in apps.get_models(include_auto_created=True)
        for row in model._meta.base_manager.values_list()
    )
    return "\n".join(repr(row) for row in rows)


def test_the_marks_are_found_before_and_not_after(
    commune: Commune, cabin: Cabin, service: Service, tuesday: Any
):
    someone_came(commune, cabin, service)
    strangers_wrote(commune)
    Session.objects.create(session_key="old", session_data=MARK, expire_date=YEARS_AGO)
    assert everything_that_is_kept().count(MARK) >= 10
    assert NUMBER in everything_that_is_kept()
    run_night()
    left = [line for line in everything_that_is_kept().splitlines() if MARK in line or NUMBER in line]
    assert left == []
    assert MonthlySum.objects.get(dimension="ended_as").visits == 1


def test_every_table_that_goes_with_the_purge_is_empty_after_it(
    commune: Commune, cabin: Cabin, service: Service, tuesday: Any
):
    someone_came(commune, cabin, service)
    strangers_wrote(commune)
    purged = [apps.get_model(table.name) for table in REGISTER if table.goes == Goes.PURGE]
    assert [model for model in purged if not model._meta.base_manager.exists()] == []
    run_night()
    assert [model for model in purged if model._meta.base_manager.exists()] == []


def someone_came(commune: Commune, cabin: Cabin, service: Service) -> None:
    resident = actions.create_resident(
        commune=commune,
        first_name=f"{MARK}a",
        last_name=f"{MARK}b",
        phones=[PhoneInput(NUMBER)],
        email=f"{MARK}@example.org",
        postal_address=f"1, rue {MARK}",
        contact_name=f"{MARK}c",
        contact_relation=MARK,
        contact_phone=NUMBER,
        now=YEARS_AGO,
    )
    blank = [field.name for field in texts_of(Resident) if not getattr(resident, field.name)]
    assert blank == [], "fill the new column here too"
    actions.update_resident(resident=resident, email=f"{MARK}2@example.org", now=YEARS_AGO)
    Consent.objects.create(resident=resident, number=NUMBER, at=YEARS_AGO)
    request = actions.BookingRequest(
        service=service,
        site=cabin.site,
        start=YEARS_AGO,
        with_helper=False,
        cabin=cabin,
        resident=resident,
    )
    appointment = actions.start_walk_in(request=request, by=Actor.system(), now=YEARS_AGO)
    actions.edit(appointment=appointment, note=MARK, by=Actor.system(), now=YEARS_AGO)
    wish = actions.WaitingRequest(
        resident=resident,
        service=service,
        with_helper=False,
        sites=[cabin.site],
        until_on=YEARS_AGO.date(),
    )
    entry = actions.join_waiting_list(request=wish, now=YEARS_AGO)
    WaitingOffer.objects.create(entry=entry, appointment=appointment, made_at=YEARS_AGO)
    NextLook.objects.create(appointment=appointment, at=YEARS_AGO)
    caller = ApiKey.objects.create(commune=commune, name="Site web", key_hash="-", created_at=YEARS_AGO)
    IdempotencyRecord.objects.create(api_key=caller, key_hash="-", body_hash=MARK, appointment=appointment)
    actions.end_session(
        appointment=appointment,
        outcome=Outcome.SOLVED,
        by=Actor.system(),
        now=YEARS_AGO + timedelta(minutes=5),
    )
    actions.note_visit(
        appointment=appointment,
        values={"themes": ["email"]},
        by=Actor.system(),
        now=YEARS_AGO + timedelta(minutes=6),
    )
    appointment.events.update(reason=Reason.RESIDENT_ASKED)
    written(commune, resident=resident, appointment=appointment, cause="event:1")
    wanted = actions.WantedDay(YEARS_AGO.date(), UnmetWhy.FULL)
    unmet = actions.Unmet(talk=uuid4(), service=service, days=[wanted])
    actions.note_unmet(commune=commune, request=unmet, now=YEARS_AGO)


def strangers_wrote(commune: Commune) -> None:
    written(commune, cause="inbound:1")
    InboundMessage.objects.create(
        commune=commune, provider_id="SM1", sender=NUMBER, text=MARK, received_at=YEARS_AGO
    )


def written(commune: Commune, **of: Any) -> Message:
    return Message.objects.create(
        commune=commune,
        recipient=NUMBER,
        kind=MessageKind.CONFIRMATION,
        channel=Channel.SMS,
        text=MARK,
        state=State.DELIVERED,
        due_at=YEARS_AGO,
        expires_at=YEARS_AGO,
        created_at=YEARS_AGO,
        **of,
    )


def texts_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    ]
