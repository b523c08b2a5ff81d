"""The present of the demonstration on a Tuesday at ten, and what another run changes."""

import math
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps

from agents.models import Agent, Shift
from booking import log
from booking.enums import LIVE, Status
from booking.free.slots import find_slots
from booking.models import Appointment, Resident
from communes.models import Site
from demo.build import Town
from demo.load import load
from demo.people import PASSWORD
from notifications.enums import AUTOMATIC, Channel, DeskReason, State
from notifications.models import Message
from notifications.sending.plan_messages import plan_messages
from tests.demonstration.loaded import ON_ONE_WORKER, TUESDAY_MORNING

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.process,
    ON_ONE_WORKER,
    pytest.mark.parametrize("town", [pytest.param(TUESDAY_MORNING, id="Tuesday")], indirect=True),
]


def rows_of_all_tables() -> dict[str, list[dict[str, Any]]]:
    return {
        model._meta.label: list(model._meta.base_manager.order_by("pk").values())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in {"contenttypes", "auth"}
    }


def test_on_a_tuesday_at_ten_someone_is_in_session_and_someone_expected(town: Town):
    now = town.now
    running = Appointment.objects.filter(status=Status.IN_SESSION)
    assert {appointment.starts_at < now < appointment.ends_at for appointment in running} == {True}
    assert running.filter(helper__username="yanis").exists()
    at_half_past = Appointment.objects.filter(starts_at=now + timedelta(minutes=30), status=Status.BOOKED)
    assert at_half_past.exists()


def test_on_a_tuesday_at_ten_camille_can_be_booked_for_half_past(town: Town):
    found = find_slots(
        commune=town.commune,
        service=town.services["caf"],
        with_helper=True,
        start=town.today,
        end=town.today + timedelta(days=1),
        now=town.now,
        helper_id=town.agents["camille"].pk,
    )
    assert town.now + timedelta(minutes=30) in [offer.start for offer in found.offers]


def test_the_worker_finds_no_message_of_the_past_to_send(town: Town):
    assert not log.unread("notifications").exists()
    due = Message.objects.filter(state=State.PENDING, channel__in=AUTOMATIC, due_at__lte=town.now)
    assert not due.exists()
    before = Message.objects.count()
    plan_messages(now=town.now, stop_at=math.inf)
    assert Message.objects.count() == before


def test_the_desk_has_people_to_call_for_each_reason(town: Town):
    waiting = Message.objects.to_call_back(town.now).select_related("resident")
    reasons = {(message.resident.first_name, message.why) for message in waiting if message.resident}
    assert {
        ("Georges", DeskReason.NOT_REACHED),
        ("Valérie", DeskReason.NOT_REACHED),
        ("Colette", DeskReason.NO_PHONE),
    } <= reasons
    assert len(waiting) <= 12


def test_residents_have_received_messages_that_ask_for_a_reply(town: Town):
    delivered = Message.objects.filter(state=State.DELIVERED)
    assert delivered.filter(channel=Channel.SMS).count() >= 60
    assert delivered.filter(channel=Channel.VOICE).count() >= 10
    assert delivered.filter(asks=True).exists()
    assert not delivered.filter(sent_at__gt=town.now).exists()


def test_a_second_run_changes_nothing(town: Town):
    before = rows_of_all_tables()
    load(now=TUESDAY_MORNING, password="another one")
    assert rows_of_all_tables() == before


def test_a_second_run_an_hour_later_leaves_the_day_to_whoever_works_on_it(town: Town):
    before = rows_of_all_tables()
    load(now=TUESDAY_MORNING + timedelta(hours=1), password=PASSWORD)
    assert rows_of_all_tables() == before


def test_a_week_later_the_days_between_have_taken_place_and_new_ones_are_booked(town: Town):
    starts = dict(Appointment.objects.values_list("pk", "starts_at"))
    shifts = list(Shift.objects.order_by("pk").values())
    later = load(now=TUESDAY_MORNING + timedelta(days=7), password=PASSWORD)
    assert {
        pk: start for pk, start in Appointment.objects.values_list("pk", "starts_at") if pk in starts
    } == starts
    assert list(Shift.objects.order_by("pk").values())[: len(shifts)] == shifts
    assert Shift.objects.filter(starts_at__gte=later.midnight(date(2026, 12, 21))).exists()
    midnight = later.midnight(later.today)
    assert not Appointment.objects.filter(status__in=LIVE, starts_at__lt=midnight).exists()
    today = Appointment.objects.filter(starts_at__gte=midnight, starts_at__lt=later.now, status=Status.BOOKED)
    assert (
        not today.filter(ends_at__lt=later.now)
        .exclude(starts_at__gt=later.now - timedelta(minutes=25))
        .exists()
    )
    assert Appointment.objects.filter(starts_at__gte=midnight + timedelta(days=8)).count() >= 10


def test_what_someone_changed_by_hand_stays(town: Town):
    Resident.objects.filter(first_name="Georges").update(email="georges@example.org")
    Agent.objects.filter(username="odile").update(first_name="Odette")
    site = Site.objects.get(ref="pq-verlaine")
    site.opening_hours = "Mo-Fr 10:00-12:00"
    site.save()
    load(now=TUESDAY_MORNING + timedelta(days=3), password=PASSWORD)
    assert Resident.objects.get(first_name="Georges").email == "georges@example.org"
    assert Agent.objects.get(username="odile").first_name == "Odette"
    assert Site.objects.get(ref="pq-verlaine").opening_hours == "Mo-Fr 10:00-12:00"
