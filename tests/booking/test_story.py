"""« Ce qui s'est passé » on the page of an appointment: who, at whose request, from what to what."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from booking import actions
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment, AppointmentEvent
from booking.pages.story import Entry, FromTo, read_story
from core.roles import Role
from tests.booking.towns import SYSTEM, Town, asked_by_system
from tests.factories import TUESDAY, at, make_agent, make_service, make_site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def nadia(town: Town) -> Agent:
    return make_agent(town.commune, Role.DESK, first_name="Nadia")


def newest(appointment: Appointment) -> Entry:
    return story_of(appointment)[0]


def story_of(appointment: Appointment) -> list[Entry]:
    """As a page shows it, on the clocks of the commune."""
    stored = Appointment.objects.select_related("commune").get(pk=appointment.pk)
    with timezone.override(stored.commune.tz):
        return read_story(stored)


def alter(appointment: Appointment, by: Agent, *, asked_by=AskedBy.RELATIVE, **wanted) -> None:
    who = Actor.agent(by)
    actions.alter(appointment=appointment, wanted=wanted, asked_by=asked_by, by=who, now=TUESDAY)


def test_details_are_told_from_what_to_what(town: Town, nadia: Agent) -> None:
    other = make_service(town.commune, name="Impôts")
    carla = town.add_helper(other)
    booked = town.book(at(14), helper=town.bob)
    alter(booked, nadia, service=other.pk, helper="1", party=2, length=70, note="RIB")
    entry = newest(booked)
    assert (entry.who, entry.asked) == (nadia.short_name, "à la demande d’un proche")
    assert entry.changes == [
        FromTo("durée", "45\N{NO-BREAK SPACE}min", "70\N{NO-BREAK SPACE}min"),
        FromTo("avec", town.bob.short_name, carla.short_name),
        FromTo("démarche", town.service.name, "Impôts"),
        FromTo("personnes", "1", "2"),
    ]
    assert entry.said == [
        "note ajoutée (le texte n’est pas gardé dans cette liste)",
        "aucun aidant n’est plus demandé par son nom",
    ]
    assert entry.keeps_the_time


def test_a_move_is_told_with_day_hour_and_place(town: Town, nadia: Agent) -> None:
    there = make_site(town.commune, name="Centre social Saint-Julien", short_name="Saint-Julien")
    there.cabins.create(name="Cabine du centre", equipment=town.cabin.equipment)
    booked = town.book(at(14), with_helper=False)
    actions.reschedule(
        appointment=booked,
        site=there,
        start=at(9, day=25),
        reason=Reason.RESIDENT_ASKED,
        by=Actor.agent(nadia),
        now=TUESDAY,
    )
    entry = newest(booked)
    assert (entry.asked, entry.reason) == ("à la demande de la personne", "")
    assert entry.changes[:2] == [
        FromTo("", "mardi 24 novembre, 14:00", "mercredi 25 novembre, 9:00"),
        FromTo("", town.site.short_name, "Saint-Julien"),
    ]
    assert not entry.keeps_the_time
    assert story_of(booked)[-1].when == f"mardi 24 novembre, 14:00, {town.site.short_name}"


def test_a_cancellation_says_its_true_reason_and_who_asked(town: Town, nadia: Agent) -> None:
    booked = town.book(at(14))
    actions.check_in(appointment=booked, by=SYSTEM, now=at(13, 50))
    by = Actor.agent(nadia)
    why, asked = Reason.CABIN_OUT_OF_ORDER, AskedBy.MAIRIE
    actions.cancel(appointment=booked, reason=why, asked_by=asked, by=by, now=at(13, 55))
    entry = newest(booked)
    assert (entry.asked, entry.reason) == ("à la demande de la mairie", "cabine hors service")
    assert entry.changes == [FromTo("état", str(Status.ARRIVED.label), str(Status.CANCELLED.label))]


def test_a_visit_without_an_appointment_begins_with_its_place_and_replaces_nobody(town: Town) -> None:
    visit = asked_by_system(
        actions.start_walk_in,
        site=town.site,
        service=town.service,
        cabin=town.cabin,
        with_helper=False,
        start=at(14),
        now=at(14),
    )
    changes = newest(visit).changes
    assert str(visit.cabin) in [each.after for each in changes]
    assert {each.before for each in changes} == {""}


def test_what_is_gone_or_old_is_told_all_the_same(town: Town, nadia: Agent, client: Client) -> None:
    booked = town.book(at(14))
    AppointmentEvent.objects.bulk_create(
        AppointmentEvent(appointment=booked, at=TUESDAY, actor="agent", **fields)
        for fields in (
            {"kind": EventKind.EDITED},
            {"kind": EventKind.MOVED, "changes": {"helper": [10**9, None], "cabin": [10**9, 10**9 + 1]}},
            {"kind": EventKind.GIVEN, "changes": {"resident": [10**9, None]}},
            {"kind": EventKind.ENDED, "changes": {"status": ["arrived", "done"], "outcome": ["", "solved"]}},
            {"kind": EventKind.EDITED, "changes": {"status": ["unheard", "done"], "service": [None, 10**9]}},
        )
    )
    story = story_of(booked)
    assert {entry.who for entry in story[:-1]} == {"un agent dont le compte n’existe plus"}
    gone, nobody = str(_("no longer known")), str(_("nobody"))
    assert FromTo("avec", gone, nobody) in [each for entry in story for each in entry.changes]
    assert [entry.what for entry in story if entry.event and not entry.event.changes] == ["détails modifiés"]
    client.force_login(nadia)
    assert client.get(reverse("appointment", args=[booked.pk])).status_code == 200


def test_thirty_events_cost_as_many_queries_as_three(
    town: Town, nadia: Agent, django_assert_max_num_queries
) -> None:
    carla = town.add_helper()
    booked = town.book(at(14), helper=town.bob)
    for n in range(15):
        alter(booked, nadia, helper=f"c{(carla if n % 2 else town.bob).pk}", party=n % 2 + 1, note=str(n))
        alter(booked, nadia, helper=f"c{(town.bob if n % 2 else carla).pk}")
    with django_assert_max_num_queries(6):
        assert len(read_story(booked)) == 31


def test_the_page_strikes_out_what_was(town: Town, nadia: Agent, client: Client) -> None:
    booked = town.book(at(14))
    alter(booked, nadia, party=2, length=70)
    client.force_login(nadia)
    page = " ".join(client.get(reverse("appointment", args=[booked.pk])).content.decode().split())
    assert '<s><span class="visually-hidden">au lieu de </span>1</s>' in page
    assert "Ce qui s’est passé" in page
