"""A button pressed twice, by a double click or by Back and the same form once more, makes nothing twice: the
second press leads where the first has led."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import EventKind, Status
from booking.forms.desk import slot_value
from booking.log import Actor
from booking.models import Appointment, Resident, WaitingEntry
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.booking.test_desk_who import written
from tests.factories import at, make_agent, make_appointment, make_cabin, make_resident, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

FORM = {"once": "the mark of one form"}


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def room(site: Site, cabin: Cabin, service: Service, bob: Agent) -> Site:
    """A second booking of the same hour would find a cabin and a helper."""
    carol = make_agent(site.commune, Role.HELPER, skills=[service])
    for helper in (bob, carol):
        make_shift(helper, site, at(10), at(17))
    make_cabin(site)
    return site


@pytest.fixture
def picked(room: Site, service: Service) -> dict[str, Any]:
    return {"service": service.pk, "helper": "1", "slot": slot_value(room.pk, at(14))}


@pytest.fixture
def held(desk: Client, picked: dict[str, Any]) -> Appointment:
    desk.post(reverse("desk-hold"), picked)
    return Appointment.objects.get()


@pytest.fixture
def abdelkader(commune: Commune) -> Resident:
    return make_resident(commune, "+33639982054", first_name="Abdelkader", last_name="Mansouri")


def twice(desk: Client, url: str, data: dict[str, Any]) -> str:
    """Where both presses led: to the same page."""
    first, second = desk.post(url, data), desk.post(url, data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    return first.headers["Location"]


@pytest.mark.parametrize("state", ["held", "run out", "lapsed"])
@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_a_time_confirmed_twice_is_one_appointment(
    desk: Client, held: Appointment, abdelkader: Resident, state: str, known: bool
) -> None:
    if state != "held":
        Appointment.objects.filter(pk=held.pk).update(held_until=at(9))
    if state == "lapsed":
        assert actions.lapse_holds(now=at(10)) == 1
    who = {"resident": abdelkader.pk} if known else written()
    where = twice(desk, reverse("desk-confirm"), {"hold": held.pk, **who})
    assert where == reverse("appointment", args=[held.pk])
    booked = Appointment.objects.get()
    assert (booked.status, booked.starts_at, booked.held_until) == (Status.BOOKED, at(14), None)
    assert Resident.objects.count() == (1 if known else 2)
    assert booked.events.filter(kind=EventKind.BOOKED).count() == 1


@pytest.mark.parametrize("lapsed", [False, True])
def test_a_series_confirmed_twice_is_one_series(
    desk: Client, held: Appointment, abdelkader: Resident, room: Site, bob: Agent, lapsed: bool
) -> None:
    week = timedelta(weeks=1)
    make_shift(bob, room, at(14) + week, at(17) + week)
    if lapsed:
        Appointment.objects.filter(pk=held.pk).update(status=Status.LAPSED)
    twice(desk, reverse("desk-confirm"), {"hold": held.pk, "resident": abdelkader.pk, "times": "2"})
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 2


def test_a_time_booked_for_one_person_is_not_said_to_be_booked_for_another(
    desk: Client, held: Appointment, abdelkader: Resident
) -> None:
    assert desk.post(reverse("desk-confirm"), {"hold": held.pk, "resident": abdelkader.pk}).status_code == 302
    for other in (written(), {"resident": make_resident(held.commune, first_name="Z").pk}):
        refused = desk.post(reverse("desk-confirm"), {"hold": held.pk, **other})
        assert refused.status_code == 409
        assert "déjà réservé pour quelqu’un d’autre" in refused.content.decode()
    held.refresh_from_db()
    assert held.resident == abdelkader
    assert Resident.objects.count() == 2


def test_a_time_picked_twice_is_held_once(desk: Client, picked: dict[str, Any]) -> None:
    twice(desk, reverse("desk-hold"), picked)
    before = Appointment.objects.get(status=Status.HELD)
    later = {**picked, "slot": slot_value(before.site_id, at(15)), "hold": before.pk}
    twice(desk, reverse("desk-hold"), later)
    assert Appointment.objects.get(status=Status.HELD).starts_at == at(15)


def test_another_agent_who_picks_the_same_time_holds_it_too(
    desk: Client, held: Appointment, picked: dict[str, Any], commune: Commune
) -> None:
    desk.force_login(make_agent(commune, Role.DESK))
    desk.post(reverse("desk-hold"), picked)
    assert Appointment.objects.filter(status=Status.HELD).count() == 2


def test_a_time_that_is_not_free_leaves_what_was_held_before(
    desk: Client, held: Appointment, picked: dict[str, Any]
) -> None:
    taken = {**picked, "slot": slot_value(held.site_id, at(23)), "hold": held.pk}
    assert desk.post(reverse("desk-hold"), taken).status_code == 422
    held.refresh_from_db()
    assert held.status == Status.HELD


def test_another_time_is_picked_after_the_one_before_has_lapsed(
    desk: Client, held: Appointment, picked: dict[str, Any]
) -> None:
    Appointment.objects.filter(pk=held.pk).update(status=Status.LAPSED)
    later = {**picked, "slot": slot_value(held.site_id, at(15)), "hold": held.pk}
    assert desk.post(reverse("desk-hold"), later).status_code == 302


def forms(appointment: Appointment) -> dict[str, dict[str, Any]]:
    return {
        reverse("resident-create"): {},
        reverse("place-new"): {
            "slot": slot_value(appointment.site_id, at(12)),
            "cabin": appointment.cabin_id,
        },
        reverse("appointment-give-new", args=[appointment.pk]): {},
    }


@pytest.mark.parametrize("page", [0, 1, 2], ids=["desk", "gap", "give"])
@pytest.mark.parametrize("sure", [{}, {"sure": "1"}], ids=["", "somebody else"])
def test_someone_recorded_twice_by_one_form_is_one_resident(
    desk: Client,
    cabin: Cabin,
    service: Service,
    room: Site,
    abdelkader: Resident,
    page: int,
    sure: dict[str, str],
) -> None:
    booked = make_appointment(cabin, service, at(16), resident=abdelkader)
    if sure:
        make_resident(room.commune, "+33639984107", first_name="Zoé", last_name="Inconnue")
    before = Resident.objects.count()
    url, more = list(forms(booked).items())[page]
    twice(desk, url, {**written(), **more, **FORM, **sure})
    assert Resident.objects.count() == before + 1


def test_the_form_of_another_person_records_another(desk: Client, commune: Commune) -> None:
    """Back, other words in the same form: that is somebody else."""
    desk.post(reverse("resident-create"), {**written(), **FORM})
    other = written(first_name="Awa", **{"phones-0-number": "06 39 98 44 55"})
    desk.post(reverse("resident-create"), {**other, **FORM})
    desk.post(reverse("resident-create"), {**written(), "once": "another form", "sure": "1"})
    assert sorted(Resident.objects.values_list("first_name", flat=True)) == ["Awa", "Zoé", "Zoé"]


def test_a_form_sent_again_leads_to_the_record_it_was_merged_into(desk: Client, abdelkader: Resident) -> None:
    desk.post(reverse("resident-create"), {**written(), **FORM})
    zoe = Resident.objects.get(first_name="Zoé")
    actions.merge_residents(keep=abdelkader, duplicate=zoe, by=Actor.system(), now=at(10))
    again = desk.post(reverse("resident-create"), {**written(), **FORM})
    assert f"resident={abdelkader.pk}" in again.headers["Location"]
    assert Resident.objects.current().get() == abdelkader


@pytest.mark.parametrize("path", ["rendez-vous", "placer", "personne"])
def test_each_page_that_records_someone_marks_its_form(
    desk: Client, cabin: Cabin, service: Service, room: Site, path: str
) -> None:
    booked = make_appointment(cabin, service, at(16))
    gap: dict[str, Any] = {"slot": slot_value(room.pk, at(14)), "cabin": cabin.pk}
    drawn = {
        "rendez-vous": lambda: desk.post(reverse("desk-search"), {"q": "Zoé"}),
        "placer": lambda: desk.get(reverse("place"), gap),
        "personne": lambda: desk.get(reverse("appointment-give", args=[booked.pk])),
    }[path]
    marks = [drawn().content.decode().partition('name="once" value="')[2].partition('"')[0] for _ in range(2)]
    assert len(marks[0]) > 15
    assert marks[0] != marks[1]


@pytest.mark.parametrize("lane", ["cabin", "helper"])
def test_a_visit_begun_twice_is_one_visit(
    desk: Client, room: Site, cabin: Cabin, service: Service, bob: Agent, lane: str
) -> None:
    data = {"slot": slot_value(room.pk, at(10)), "choice": f"{service.pk}-1"}
    data |= {"cabin": str(cabin.pk)} if lane == "cabin" else {"helper": str(bob.pk)}
    where = twice(desk, reverse("place-begin"), data)
    assert where.endswith(f"#visit-{Appointment.objects.get().pk}")


@pytest.mark.parametrize("lane", ["cabin", "helper"])
def test_a_time_of_a_gap_picked_twice_is_held_once(
    desk: Client, room: Site, cabin: Cabin, service: Service, bob: Agent, lane: str
) -> None:
    slot = slot_value(room.pk, at(14))
    data = {"slot": slot_value(room.pk, at(14)), "time": f"{service.pk}-1/{slot}"}
    data |= {"cabin": str(cabin.pk)} if lane == "cabin" else {"helper": str(bob.pk)}
    twice(desk, reverse("place-hold"), data)
    assert Appointment.objects.count() == 1


def test_an_appointment_given_twice_gets_one_new_number(
    desk: Client, cabin: Cabin, service: Service, abdelkader: Resident, commune: Commune
) -> None:
    booked = make_appointment(cabin, service, at(14), resident=make_resident(commune, first_name="Z"))
    data = {"resident": abdelkader.pk, "instead_of": booked.resident_id}
    url = reverse("appointment-give-to", args=[booked.pk])
    twice(desk, url, data)
    assert "plus rapide" not in desk.get(reverse("appointment", args=[booked.pk])).content.decode()
    assert booked.events.filter(kind=EventKind.GIVEN).count() == 1


def test_someone_joins_the_waiting_list_once(desk: Client, service: Service, abdelkader: Resident) -> None:
    data = {"resident": abdelkader.pk, "service": service.pk, "helper": "1", "party": "1"}
    twice(desk, reverse("waiting-join"), {**data, "until_on": "2026-12-24"})
    assert WaitingEntry.objects.count() == 1


def test_an_offer_taken_twice_leads_to_the_appointment(
    desk: Client, room: Site, service: Service, abdelkader: Resident
) -> None:
    wish = actions.WaitingRequest(
        resident=abdelkader, service=service, with_helper=True, until_on=date(2026, 12, 24)
    )
    actions.join_waiting_list(request=wish, now=at(10))
    assert actions.offer_freed_times(now=at(10)) == 1
    offered = Appointment.objects.get()
    where = twice(desk, reverse("waiting-accept", args=[WaitingEntry.objects.get().pk]), {})
    assert where == reverse("appointment", args=[offered.pk])


def test_a_next_appointment_pressed_twice_is_booked_once(
    desk: Client, room: Site, cabin: Cabin, service: Service, bob: Agent, abdelkader: Resident
) -> None:
    done = make_appointment(cabin, service, at(10), helper=bob, resident=abdelkader, status=Status.DONE)
    desk.force_login(bob)
    url = reverse("my-day-follow-up", args=[done.pk])
    twice(desk, url, {"slot": slot_value(room.pk, at(14))})
    assert Appointment.objects.filter(follow_up_of=done).count() == 1


def test_an_appointment_moved_twice_is_told_once(
    desk: Client, room: Site, cabin: Cabin, service: Service, bob: Agent, abdelkader: Resident
) -> None:
    booked = make_appointment(cabin, service, at(14), helper=bob, resident=abdelkader)
    url = reverse("desk-move", args=[booked.pk])
    twice(desk, url, {"slot": slot_value(room.pk, at(15)), "helper": "1"})
    assert booked.events.filter(kind=EventKind.MOVED).count() == 1
