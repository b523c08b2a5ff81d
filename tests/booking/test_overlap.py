"""The same person twice at one time: said before it is booked, and booked all the same by one press."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import Status
from booking.errors import ResidentBusy, SeriesRefused
from booking.forms.desk import slot_value
from booking.models import Appointment, Resident
from communes.actions import bump_sites
from communes.models import Cabin, Commune, Service, Site
from tests.booking.test_desk_who import button, desk, page_of
from tests.booking.towns import SYSTEM, Town, do, fresh
from tests.factories import (
    TUESDAY,
    at,
    make_appointment,
    make_cabin,
    make_resident,
    make_service,
    make_shift,
    make_site,
)

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


@pytest.fixture
def elsewhere(commune: Commune, fatima: Resident) -> Appointment:
    """What Fatima has from 14:00 to 14:45 at the other place."""
    cabin = make_cabin(make_site(commune, name="Saint-Julien", short_name="Saint-Julien"))
    return make_appointment(cabin, make_service(commune, name="Impôts"), at(14), resident=fatima)


def wanted(service: Service, site: Site, fatima: Resident, start: Any, **more: Any) -> actions.BookingRequest:
    return actions.BookingRequest(
        service=service, site=site, start=start, with_helper=False, resident=fatima, **more
    )


def book(request: actions.BookingRequest) -> Appointment:
    return actions.book(request=request, by=SYSTEM, now=TUESDAY)


# ---- the actions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [at(14), at(14, 30), at(14, 15)])
def test_a_visit_that_overlaps_another_of_the_same_person_is_refused(
    service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment, start: Any
) -> None:
    with pytest.raises(ResidentBusy) as refused:
        book(wanted(service, site, fatima, start))
    [other] = refused.value.details["appointments"]
    assert (other.id, other.start, other.site_id) == (elsewhere.pk, at(14), elsewhere.site_id)
    assert "14:00–14:45" in str(refused.value)
    assert "Fatima" not in str(refused.value)
    assert Appointment.objects.count() == 1


def test_visits_one_after_the_other_do_not_overlap(
    service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    assert book(wanted(service, site, fatima, at(14, 45))).status == Status.BOOKED


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW, Status.DONE, Status.LAPSED])
def test_a_visit_that_is_cancelled_or_over_does_not_count(
    service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment, status: Status
) -> None:
    Appointment.objects.update(status=status)
    assert book(wanted(service, site, fatima, at(14))).status == Status.BOOKED


def test_another_person_at_that_time_does_not_count(
    service: Service, cabin: Cabin, site: Site, commune: Commune, elsewhere: Appointment
) -> None:
    assert book(wanted(service, site, make_resident(commune), at(14))).status == Status.BOOKED


@pytest.mark.parametrize("how", ["all", "seen"])
def test_what_was_seen_is_accepted_and_nothing_else(
    service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment, how: str
) -> None:
    with pytest.raises(ResidentBusy):
        book(wanted(service, site, fatima, at(14), beside={elsewhere.pk + 1000}))
    beside: actions.Accepted = True if how == "all" else {elsewhere.pk}
    assert book(wanted(service, site, fatima, at(14), beside=beside)).status == Status.BOOKED


def test_a_move_into_another_visit_is_refused_and_one_in_place_is_not(
    service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    visit = book(wanted(service, site, fatima, at(16)))

    def move(start: Any, **more: Any) -> Appointment:
        return actions.reschedule(appointment=visit, site=site, start=start, by=SYSTEM, now=TUESDAY, **more)

    with pytest.raises(ResidentBusy):
        move(at(14))
    assert move(at(15, 45)).starts_at == at(15, 45)  # half over its own old time
    assert move(at(14), beside={elsewhere.pk}).starts_at == at(14)
    assert move(at(14), with_helper=False).starts_at == at(14)


def test_a_visit_beside_an_accepted_one_gets_shorter_without_a_question(town: Town) -> None:
    fatima = make_resident(town.commune)
    town.add_cabin()
    town.add_helper()
    booked = town.book(at(14), resident=fatima, duration_min=60)
    town.book(at(14, 30), resident=fatima, duration_min=60, beside=True)
    actions.alter(appointment=booked, wanted={"length": 30}, by=SYSTEM, now=TUESDAY)
    assert fresh(booked).ends_at == at(14, 30)


def test_a_move_that_only_makes_it_longer_asks_about_the_added_time(town: Town) -> None:
    fatima = make_resident(town.commune)
    town.add_cabin()
    town.add_helper()
    booked = town.book(at(14), resident=fatima)
    other = town.book(at(15), resident=fatima)
    longer = {"site": town.site, "start": at(14), "duration_min": 90}
    with pytest.raises(ResidentBusy):
        do(actions.reschedule, booked, **longer)
    do(actions.reschedule, fresh(booked), **longer, beside=[other.pk])
    assert fresh(booked).ends_at == at(15, 30)


def test_a_series_says_which_week_clashes_and_books_it_when_that_is_accepted(
    service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    starts = actions.weekly(at(14), 2, site.commune)
    elsewhere.starts_at, elsewhere.ends_at = starts[1], starts[1] + timedelta(minutes=45)
    elsewhere.blocked_until = elsewhere.ends_at
    elsewhere.save()

    def series(**more: Any) -> list[Appointment]:
        request = wanted(service, site, fatima, starts[0], **more)
        visits = [(site, start) for start in starts]
        return actions.book_series(request=request, visits=visits, by=SYSTEM, now=TUESDAY)

    with pytest.raises(SeriesRefused) as refused:
        series()
    [failed] = refused.value.details["failed"]
    assert (failed.start, failed.code, [each.id for each in failed.others]) == (
        starts[1],
        "resident_busy",
        [elsewhere.pk],
    )
    assert len(series(beside={elsewhere.pk})) == 2


def test_a_visit_is_not_begun_while_the_person_is_expected_elsewhere(
    service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    request = wanted(service, site, fatima, at(13, 50), cabin=cabin)
    with pytest.raises(ResidentBusy):
        actions.start_walk_in(request=request, by=SYSTEM, now=at(13, 50))


def test_nobody_on_the_waiting_list_is_offered_a_time_at_which_they_are_expected(town: Town) -> None:
    person = make_resident(town.commune)
    away = make_cabin(make_site(town.commune))
    make_appointment(away, town.service, at(14), ends_at=at(17), resident=person)
    ask = actions.WaitingRequest(
        resident=person, service=town.service, with_helper=False, until_on=TUESDAY.date(), half_days=[3]
    )
    entry = actions.join_waiting_list(request=ask, now=TUESDAY)
    assert actions.offer_freed_times(now=TUESDAY) == 0
    Appointment.objects.update(status=Status.CANCELLED)
    bump_sites([away.site_id])
    assert actions.offer_freed_times(now=TUESDAY) == 1
    held = entry.offers.get().appointment
    make_appointment(away, town.service, held.starts_at, resident=person)
    # Whoever says yes to an offer has chosen it themselves.
    booked = actions.book_hold(appointment=held, resident=person, by=SYSTEM, now=TUESDAY)
    assert booked.status == Status.BOOKED


# ---- the desk -------------------------------------------------------------------------------------


def kept(desk: Client, service: Service, site: Site, **more: Any) -> Appointment:
    data = {"service": service.pk, "helper": "0", "slot": slot_value(site.pk, at(14)), **more}
    desk.post(reverse("desk-hold"), data)
    return Appointment.objects.get(status=Status.HELD)


def beside_of(page: str) -> str:
    found = re.search(r'name="beside" form="[a-z]+" value="([^"]*)"', page)
    return found.group(1) if found else ""


def test_the_bar_says_what_the_person_has_at_that_time_before_it_is_confirmed(
    desk: Client, service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    hold = kept(desk, service, site, resident=fatima.pk)
    page = page_of(desk.get(reverse("desk"), {"hold": hold.pk, "resident": fatima.pk}))
    bar = page.partition('id="confirm"')[2]
    assert "14:00–14:45" in bar
    assert "(Impôts, Saint-Julien)" in bar
    assert button(page) == "Confirmer quand même pour Fatima Bensaïd"
    data = {"hold": hold.pk, "resident": fatima.pk, "note": "RIB"}
    refused = desk.post(reverse("desk-confirm"), data)
    assert refused.status_code == 409
    assert 'value="RIB"' in page_of(refused)
    assert button(page_of(refused)) == "Confirmer quand même pour Fatima Bensaïd"
    response = desk.post(reverse("desk-confirm"), {**data, "beside": beside_of(page)})
    assert response.headers["Location"] == reverse("appointment", args=[hold.pk])


def test_where_nothing_clashes_the_bar_is_as_it_was(
    desk: Client, service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    Appointment.objects.update(status=Status.CANCELLED)
    hold = kept(desk, service, site, resident=fatima.pk)
    page = page_of(desk.get(reverse("desk"), {"hold": hold.pk, "resident": fatima.pk}))
    assert button(page) == "Confirmer pour Fatima Bensaïd"
    assert 'name="beside"' not in page


def test_of_a_later_week_the_desk_is_told_and_books_by_the_next_press(
    desk: Client, service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    later = at(14) + timedelta(weeks=1)
    Appointment.objects.update(
        starts_at=later, ends_at=later + timedelta(hours=1), blocked_until=later + timedelta(hours=1)
    )
    hold = kept(desk, service, site, resident=fatima.pk)
    data = {"hold": hold.pk, "resident": fatima.pk, "times": "2"}
    refused = desk.post(reverse("desk-confirm"), data)
    page = page_of(refused)
    assert refused.status_code == 409
    assert "15:00</a>" in page
    assert "autre rendez-vous de cette personne" in page
    assert f'value="keep:{elsewhere.pk}"' in page
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 1
    assert desk.post(reverse("desk-confirm"), {**data, "week-2026-12-01": "keep:77"}).status_code == 409
    desk.post(reverse("desk-confirm"), {**data, "week-2026-12-01": f"keep:{elsewhere.pk}"})
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 3


def test_a_move_asks_in_the_bar(
    desk: Client, service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    visit = book(wanted(service, site, fatima, at(16)))
    slot = slot_value(site.pk, at(14, 30))
    moving: dict[str, Any] = {"move": visit.pk, "slot": slot}
    page = page_of(desk.get(reverse("desk"), moving))
    assert button(page) == "Déplacer quand même le rendez-vous pour Fatima Bensaïd"
    data = {"slot": slot, "helper": "0"}
    assert desk.post(reverse("desk-move", args=[visit.pk]), data).status_code == 409
    desk.post(reverse("desk-move", args=[visit.pk]), {**data, "beside": beside_of(page)})
    visit.refresh_from_db()
    assert visit.starts_at == at(14, 30)


def test_giving_an_appointment_asks_too(
    desk: Client, service: Service, cabin: Cabin, commune: Commune, fatima: Resident, elsewhere: Appointment
) -> None:
    visit = make_appointment(cabin, service, at(14), resident=make_resident(commune, first_name="Zoé"))
    page = page_of(desk.get(reverse("appointment-give", args=[visit.pk]), {"resident": fatima.pk}))
    assert "Le donner quand même à Fatima Bensaïd" in page
    data = {"resident": fatima.pk, "instead_of": visit.resident_id}
    asked = desk.post(reverse("appointment-give-to", args=[visit.pk]), data)
    assert asked.status_code == 409
    desk.post(reverse("appointment-give-to", args=[visit.pk]), {**data, "beside": beside_of(page)})
    visit.refresh_from_db()
    assert visit.resident == fatima


def test_a_visit_that_begins_now_asks_too(
    desk: Client, service: Service, cabin: Cabin, site: Site, fatima: Resident, elsewhere: Appointment
) -> None:
    Appointment.objects.update(starts_at=at(10, 15), ends_at=at(11), blocked_until=at(11))
    gap: dict[str, Any] = {"slot": slot_value(site.pk, at(10)), "cabin": cabin.pk, "resident": fatima.pk}
    page = page_of(desk.get(reverse("place"), gap))
    assert "(Impôts, Saint-Julien)" in page
    data = {**gap, "choice": f"{service.pk}-0"}
    assert desk.post(reverse("place-begin"), data).status_code == 409
    desk.post(reverse("place-begin"), {**data, "beside": beside_of(page)})
    assert Appointment.objects.filter(status=Status.IN_SESSION, resident=fatima).count() == 1


def test_a_helper_is_asked_when_they_book_the_next_visit(
    client: Client,
    service: Service,
    cabin: Cabin,
    site: Site,
    bob: Agent,
    fatima: Resident,
    elsewhere: Appointment,
) -> None:
    for day in (24, 25):
        make_shift(bob, site, at(9, day=day), at(17, day=day))
    done = make_appointment(cabin, service, at(9), resident=fatima, helper=bob, status=Status.DONE)
    Appointment.objects.filter(pk=elsewhere.pk).update(
        starts_at=at(14, day=25), ends_at=at(15, day=25), blocked_until=at(15, day=25)
    )
    client.force_login(bob)
    data = {"slot": slot_value(site.pk, at(14, day=25)), "note": "RIB"}
    asked = client.post(reverse("my-day-follow-up", args=[done.pk]), data)
    page = page_of(asked)
    assert asked.status_code == 422
    assert "Réserver quand même cet horaire" in page
    assert 'value="RIB"' in page
    client.post(reverse("my-day-follow-up", args=[done.pk]), {**data, "beside": beside_of(page)})
    assert done.follow_ups.get().starts_at == at(14, day=25)
