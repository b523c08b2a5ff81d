"""Fill django-appointment with the world given as JSON on standard input; print what a client needs to
know."""

import json
import sys
from datetime import datetime, time, timedelta
from importlib import import_module

from appointment.models import (
    Appointment,
    AppointmentRequest,
    Config,
    Service,
    StaffMember,
    WorkingHours,
)
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

SLOT = timedelta(minutes=30)
# It has only one span of hours per day: nine to three has the twelve slots of world A.
OPENS, CLOSES = time(9), time(15)
LUNCH_H = 2


def main() -> None:
    world = json.load(sys.stdin)
    service = Service.objects.create(name="Service", duration=SLOT, price=0)
    Config.objects.create(slot_duration=30, lead_time=OPENS, finish_time=CLOSES, appointment_buffer_time=0)
    staff = [_member(number, service) for number in range(world["helpers"])]
    _book(world["booked"], staff, service)
    path = "/ajax/available_slots/?selected_date={}&staff_member={}&service_id={}"
    with CaptureQueriesContext(connection) as captured:
        for member in staff:
            answer = Client().get(
                path.format(world["day"], member.pk, service.pk),
                headers={"X-Requested-With": "XMLHttpRequest"},
            )
            assert answer.status_code == 200, answer.content
            assert "available_slots" in answer.json(), answer.content
    print(
        json.dumps(
            {
                "service": service.pk,
                "staff": [member.pk for member in staff],
                "sessions": [_session(number) for number in range(20)],
                "queries_per_day": len(captured),
            }
        )
    )


def _member(number: int, service: Service) -> StaffMember:
    user = get_user_model().objects.create(
        username=f"staff-{number}", first_name=f"Staff {number}", email=f"staff-{number}@example.org"
    )
    member = StaffMember.objects.create(user=user, slot_duration=30, lead_time=OPENS, finish_time=CLOSES)
    member.services_offered.add(service)
    for day in range(1, 6):
        WorkingHours.objects.create(staff_member=member, day_of_week=day, start_time=OPENS, end_time=CLOSES)
    return member


def _book(booked: list[list[object]], staff: list[StaffMember], service: Service) -> None:
    """Take the same slots of the same days; the slots of the afternoon are two hours earlier (see OPENS)."""
    client = get_user_model().objects.create(username="resident", email="resident@example.org")
    requests = []
    for number, (helper, text) in enumerate(booked):
        at = datetime.fromisoformat(str(text))
        if at.hour >= 14:
            at -= timedelta(hours=LUNCH_H)
        requests.append(
            AppointmentRequest(
                date=at.date(),
                start_time=at.time(),
                end_time=(at + SLOT).time(),
                service=service,
                staff_member=staff[helper],
                id_request=f"request-{number}",
            )
        )
    AppointmentRequest.objects.bulk_create(requests, batch_size=1000)
    Appointment.objects.bulk_create(
        [
            Appointment(client=client, appointment_request=request, id_request=f"appointment-{number}")
            for number, request in enumerate(AppointmentRequest.objects.order_by("pk"))
        ],
        batch_size=1000,
    )


def _session(number: int) -> str:
    """The session of a logged-in user with an account."""
    user = get_user_model().objects.create(
        username=f"client-{number}", first_name="Fatima", email=f"client-{number}@example.org"
    )
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
