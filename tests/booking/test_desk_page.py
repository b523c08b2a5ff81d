"""The desk page as the server draws it: what is found, offered, kept, confirmed, moved and cancelled."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.forms.desk import slot_value
from booking.free.loading import load_snapshot
from booking.models import Appointment, Resident
from communes.enums import HelperPolicy
from communes.models import Cabin, Commune, Service, Site
from tests.clocks import SetClock
from tests.factories import (
    at,
    make_appointment,
    make_cabin,
    make_resident,
    make_service,
    make_shift,
    make_site,
)
from tests.html import Page

pytestmark = pytest.mark.usefixtures("tuesday")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def helped(cabin: Cabin, bob: Agent, site: Site) -> Agent:
    make_shift(bob, site, at(9), at(12))
    make_shift(bob, site, at(14), at(17))
    return bob


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234", search_name="fatima bensaid")


def hold(desk: Client, service: Service, site: Site, resident: Resident | None, **fields: Any) -> Any:
    data = {
        "service": service.pk,
        "helper": "1",
        "slot": slot_value(site.pk, at(14)),
        "resident": resident.pk if resident else "",
        **fields,
    }
    return desk.post(reverse("desk-hold"), data)


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """How often the calendar is read to find times: one entry each time, the days that it looked at."""
    days: list[Any] = []

    def note(**how: Any) -> Any:
        days.append((how["first"], how["last"]))
        return load_snapshot(**how)

    monkeypatch.setattr("booking.free.slots.load_snapshot", note)
    return days


def test_a_number_typed_in_any_way_finds_its_only_resident(desk: Client, fatima: Resident) -> None:
    for typed in ("06 39 98 12 34", "0639981234", "+33 6 39 98 12 34", "06.39.98.12.34"):
        response = desk.post(reverse("desk-search"), {"q": typed}, headers=HTMX)
        assert response.status_code == 302
        assert f"resident={fatima.pk}" in response.headers["Location"]


def test_what_is_typed_never_comes_back_in_an_address(desk: Client, fatima: Resident) -> None:
    response = desk.post(reverse("desk-search"), {"q": "06 39 98 12 34"})
    assert "39" not in response.headers["Location"].replace(f"resident={fatima.pk}", "")


def test_several_people_behind_one_number_are_listed(
    desk: Client, commune: Commune, fatima: Resident
) -> None:
    make_resident(commune, "+33639981234", first_name="Karim", search_name="karim bensaid")
    response = desk.post(reverse("desk-search"), {"q": "06 39 98 12 34"}, headers=HTMX)
    page = response.content.decode()
    assert "Fatima Bensaïd" in page
    assert "Karim Bensaïd" in page


def test_someone_unknown_can_be_recorded_with_the_number_typed(desk: Client, commune: Commune) -> None:
    page = desk.post(reverse("desk-search"), {"q": "06 39 98 55 55"}, headers=HTMX).content.decode()
    assert 'value="06 39 98 55 55"' in page
    data = {
        "first_name": "Jeanne",
        "last_name": "Lefèvre",
        "reach_by": "sms",
        "phones-TOTAL_FORMS": "1",
        "phones-INITIAL_FORMS": "0",
        "phones-0-number": "06 39 98 55 55",
        "phones-0-owner": "self",
        "phones-0-may_call": "on",
    }
    response = desk.post(reverse("resident-create"), data)
    jeanne = Resident.objects.get(first_name="Jeanne")
    assert response.headers["Location"].endswith(f"resident={jeanne.pk}&week=2026-11-23")
    assert [phone.number for phone in jeanne.phones.all()] == ["+33639985555"]
    assert jeanne.commune == commune


def test_someone_who_calls_from_a_landline_is_to_be_told_by_voice(desk: Client) -> None:
    page = desk.post(reverse("desk-search"), {"q": "02 61 91 55 55"}, headers=HTMX).content.decode()
    assert '<option value="voice" selected>' in page


def test_someone_without_a_phone_can_be_recorded(desk: Client) -> None:
    data = {
        "first_name": "Georges",
        "last_name": "Petit",
        "reach_by": "none",
        "phones-TOTAL_FORMS": "1",
        "phones-INITIAL_FORMS": "0",
        "phones-0-number": "",
    }
    assert desk.post(reverse("resident-create"), data).status_code == 302
    assert Resident.objects.get(first_name="Georges").phones.count() == 0


def test_a_number_that_looks_wrong_is_asked_about_once(desk: Client) -> None:
    data = {
        "first_name": "Odette",
        "last_name": "Roux",
        "reach_by": "sms",
        "phones-TOTAL_FORMS": "1",
        "phones-INITIAL_FORMS": "0",
        "phones-0-number": "06 12 34 56 7",
        "phones-0-owner": "self",
    }
    response = desk.post(reverse("resident-create"), data, headers=HTMX)
    assert response.status_code == 422
    assert 'name="phones-0-sure"' in response.content.decode()
    assert not Resident.objects.filter(first_name="Odette").exists()
    assert desk.post(reverse("resident-create"), {**data, "phones-0-sure": "on"}).status_code == 302
    assert Resident.objects.get(first_name="Odette").phones.get().number == "+33061234567"


def test_a_week_of_times_is_shown_and_why_a_day_has_none(
    desk: Client, service: Service, site: Site, helped: Agent
) -> None:
    page = desk.get(reverse("desk"), {"service": service.pk}).content.decode()
    assert slot_value(site.pk, at(14)) in page
    assert "aucun aidant présent" in page


def test_someone_else_can_be_looked_for_while_a_time_is_picked(
    desk: Client, service: Service, site: Site, helped: Agent, fatima: Resident
) -> None:
    held = hold(desk, service, site, None).headers["Location"]
    pk = Appointment.objects.get().pk
    assert f"hold={pk}" in held
    page = desk.post(
        reverse("desk-search"), {"q": "bensaid f", "hold": pk, "service": service.pk}, headers=HTMX
    )
    assert f"hold={pk}" in (page.headers.get("Location") or page.content.decode())


def test_picking_confirming_and_printing(
    desk: Client, service: Service, site: Site, helped: Agent, fatima: Resident
) -> None:
    where = hold(desk, service, site, fatima).headers["Location"]
    held = Appointment.objects.get()
    assert held.status == Status.HELD
    page = desk.get(where).content.decode()
    assert f'value="{slot_value(site.pk, at(14))}" aria-pressed="true"' in page
    response = desk.post(reverse("desk-confirm"), {"hold": held.pk, "resident": fatima.pk, "note": "RIB"})
    assert response.headers["Location"] == reverse("appointment", args=[held.pk])
    held.refresh_from_db()
    assert (held.status, held.resident, held.note, held.helper) == (Status.BOOKED, fatima, "RIB", helped)
    assert [event.kind for event in held.events.all()] == [EventKind.HELD, EventKind.BOOKED]
    slip = desk.get(reverse("slip", args=[held.pk])).content.decode()
    assert held.spaced_number in slip
    assert "Mardi 24 novembre" in slip
    assert service.name not in slip
    assert "Bensaïd" not in slip


def test_a_visit_each_week_is_booked_whole_or_not_at_all(
    desk: Client, service: Service, site: Site, cabin: Cabin, helped: Agent, fatima: Resident
) -> None:
    week = timedelta(weeks=1)
    make_shift(helped, site, at(14) + week, at(17) + week)
    hold(desk, service, site, fatima)
    held = Appointment.objects.get()
    data = {"hold": held.pk, "resident": fatima.pk, "times": "3"}
    response = desk.post(reverse("desk-confirm"), data)
    assert response.status_code == 409
    assert "Mardi 8 décembre, 14:00" in response.content.decode()
    held.refresh_from_db()
    assert held.status == Status.HELD
    assert Appointment.objects.count() == 1
    make_shift(helped, site, at(14) + 2 * week, at(17) + 2 * week)
    assert desk.post(reverse("desk-confirm"), data).status_code == 302
    booked = Appointment.objects.filter(status=Status.BOOKED, resident=fatima)
    assert [each.starts_at for each in booked] == [at(14), at(14) + week, at(14) + 2 * week]


def test_picking_another_time_gives_the_first_one_back(
    desk: Client, service: Service, site: Site, helped: Agent, fatima: Resident
) -> None:
    hold(desk, service, site, fatima)
    first = Appointment.objects.get()
    response = hold(desk, service, site, fatima, hold=first.pk, slot=slot_value(site.pk, at(14, 15)))
    assert response.status_code == 302
    first.refresh_from_db()
    assert first.status == Status.LAPSED
    assert Appointment.objects.live().get().starts_at == at(14, 15)


def test_a_time_taken_meanwhile_is_said_and_never_shown_as_chosen(
    desk: Client, service: Service, site: Site, cabin: Cabin, helped: Agent, fatima: Resident
) -> None:
    make_appointment(cabin, service, at(14), helper=helped)
    response = hold(desk, service, site, fatima, helper=f"c{helped.pk}", party="2")
    assert response.status_code == 409
    page = Page(response.content.decode())
    assert page.title.startswith("Erreur : ")
    lost = page.one(id="lost")
    assert lost["tabindex"] == "-1"
    said = page.text(lost)
    assert "Mardi 24 novembre à 14 h vient d’être pris" in said
    assert "Rien n’est réservé et aucun message n’est parti." in said
    assert f"Fatima Bensaïd, CAF, avec {helped.short_name}, 2 personnes, et tout ce qui est tapé ici." in said
    near = [each["value"] for each in page.inside(lost) if each.tag == "button"]
    assert near == [slot_value(site.pk, at(14, 55)), slot_value(site.pk, at(15))]
    assert not page.all("id", "confirm")
    assert not page.all("aria-pressed", "true")
    assert page.one(id=f"helper-c{helped.pk}")["checked"] is None
    assert not Appointment.objects.filter(status=Status.HELD).exists()
    assert hold(desk, service, site, fatima, slot=near[0]).status_code == 302


def test_the_time_kept_before_stays_kept_when_another_is_lost(
    desk: Client, service: Service, site: Site, cabin: Cabin, helped: Agent, fatima: Resident
) -> None:
    hold(desk, service, site, fatima, slot=slot_value(site.pk, at(16)))
    kept = Appointment.objects.get()
    make_appointment(cabin, service, at(14), helper=helped)
    page = Page(hold(desk, service, site, fatima, hold=kept.pk).content.decode())
    assert "Mardi 24 novembre à 16 h est toujours gardé pour vous." in page.text(page.one(id="lost"))
    assert "16:00" in page.text(page.one(id="confirm"))
    assert "14:00" not in page.text(page.one(id="confirm"))


def test_a_hold_that_ran_out_and_was_taken_loses_nothing_else(
    desk: Client,
    service: Service,
    site: Site,
    cabin: Cabin,
    helped: Agent,
    fatima: Resident,
    set_clock: SetClock,
) -> None:
    where = hold(desk, service, site, fatima, helper=f"c{helped.pk}", party="2").headers["Location"]
    page = Page(desk.get(where).content.decode())
    sent = {each["name"]: each.get("value") or "" for each in page.all("form", "booking") if "name" in each}
    set_clock(at(10, 11))
    Appointment.objects.update(status=Status.LAPSED, held_until=None)  # as the task of each minute does
    make_appointment(cabin, service, at(14), helper=helped)
    response = desk.post(reverse("desk-confirm"), {**sent, "note": "RIB"})
    assert response.status_code == 409
    page = Page(response.content.decode())
    said = page.text(page.one(id="lost"))
    assert f"Fatima Bensaïd, CAF, avec {helped.short_name}, 2 personnes, et tout ce qui est tapé ici." in said
    assert page.one(id="note")["value"] == "RIB"
    assert not page.all("id", "confirm")
    state = response.context["desk"]
    assert (state.service, state.party, state.helper) == (service, 2, f"c{helped.pk}")


def test_a_move_to_a_time_that_is_taken_leaves_the_appointment_and_offers_near_times(
    desk: Client, service: Service, site: Site, cabin: Cabin, helped: Agent, fatima: Resident
) -> None:
    moving = make_appointment(cabin, service, at(16), helper=helped, resident=fatima)
    make_appointment(cabin, service, at(14), helper=helped)
    sent = {"slot": slot_value(site.pk, at(14)), "helper": "1", "shown": moving.shown}
    response = desk.post(reverse("desk-move", args=[moving.pk]), sent)
    assert response.status_code == 409
    page = Page(response.content.decode())
    said = page.text(page.one(id="lost"))
    assert "Mardi 24 novembre à 14 h vient d’être pris" in said
    assert "Le rendez-vous garde son horaire et aucun message n’est parti." in said
    assert not page.all("id", "confirm")


def test_what_ends_with_another_address_searches_no_week(
    desk: Client, service: Service, site: Site, helped: Agent, fatima: Resident, searches: list[Any]
) -> None:
    today = at(14).date()
    assert hold(desk, service, site, fatima).status_code == 302
    assert searches == [(today, today)]  # the look at the time itself
    searches.clear()
    held = Appointment.objects.get()
    response = desk.post(reverse("desk-confirm"), {"hold": held.pk, "resident": fatima.pk})
    assert response.status_code == 302
    assert searches == []


def test_a_time_that_is_lost_is_looked_at_once_and_the_week_is_searched_once(
    desk: Client,
    service: Service,
    site: Site,
    cabin: Cabin,
    helped: Agent,
    fatima: Resident,
    searches: list[Any],
) -> None:
    make_appointment(cabin, service, at(14), helper=helped)
    assert hold(desk, service, site, fatima).status_code == 409
    today, sunday = at(14).date(), at(14, day=29).date()
    assert searches == [(today, today), (today, sunday)]


def test_a_hold_that_ran_out_is_won_again_if_nobody_took_it(
    desk: Client, service: Service, site: Site, helped: Agent, fatima: Resident
) -> None:
    hold(desk, service, site, fatima)
    held = Appointment.objects.get()
    actions.lapse_holds(now=at(10, 30))
    response = desk.post(reverse("desk-confirm"), {"hold": held.pk, "resident": fatima.pk})
    assert response.status_code == 302
    booked = Appointment.objects.get(status=Status.BOOKED)
    assert (booked.pk, booked.starts_at, booked.resident) == (held.pk, at(14), fatima)


def test_confirming_without_saying_who_comes_is_refused_beside_the_button(
    desk: Client, service: Service, site: Site, helped: Agent
) -> None:
    hold(desk, service, site, None)
    held = Appointment.objects.get()
    response = desk.post(reverse("desk-confirm"), {"hold": held.pk})
    assert response.status_code == 422
    assert "Dites d’abord qui vient" in response.content.decode()


def test_moving_keeps_the_place_until_the_new_one_is_won(
    desk: Client, service: Service, site: Site, cabin: Cabin, helped: Agent, fatima: Resident
) -> None:
    booked = make_appointment(cabin, service, at(14), helper=helped, resident=fatima)
    query: dict[str, str | int] = {"move": booked.pk, "slot": slot_value(site.pk, at(15))}
    page = desk.get(reverse("desk"), query)
    assert page.status_code == 200
    taken = make_appointment(cabin, service, at(15), helper=helped)
    data = {"slot": slot_value(site.pk, at(15)), "helper": "1"}
    assert desk.post(reverse("desk-move", args=[booked.pk]), data).status_code == 409
    booked.refresh_from_db()
    assert booked.starts_at == at(14)
    Appointment.objects.filter(pk=taken.pk).update(status=Status.CANCELLED)
    assert desk.post(reverse("desk-move", args=[booked.pk]), data).status_code == 302
    booked.refresh_from_db()
    assert booked.starts_at == at(15)


def test_a_mistaken_cancel_is_undone_from_the_resident(
    desk: Client, service: Service, cabin: Cabin, helped: Agent, fatima: Resident
) -> None:
    booked = make_appointment(cabin, service, at(14), helper=helped, resident=fatima)
    why = {"reason": Reason.MISTAKE, "asked_by": AskedBy.MAIRIE}
    response = desk.post(reverse("appointment-cancel", args=[booked.pk]), {"back": fatima.pk, **why})
    page = desk.get(response.headers["Location"]).content.decode()
    assert reverse("appointment-restore", args=[booked.pk]) in page
    desk.post(reverse("appointment-restore", args=[booked.pk]), {"back": fatima.pk})
    booked.refresh_from_db()
    assert booked.status == Status.BOOKED
    assert [event.kind for event in booked.events.all()] == [EventKind.CANCELLING, EventKind.CANCEL_UNDONE]


def test_a_service_that_needs_a_helper_offers_no_time_alone(
    desk: Client, commune: Commune, cabin: Cabin
) -> None:
    required = make_service(commune, helper_policy=HelperPolicy.REQUIRED)
    query: dict[str, str | int] = {"service": required.pk, "helper": "0"}
    page = desk.get(reverse("desk"), query).content.decode()
    assert 'class="slot"' not in page


def test_junk_in_the_address_is_left_out(desk: Client) -> None:
    junk = {
        "resident": "x",
        "service": "'",
        "week": "0001-99",
        "slot": "a@b",
        "hold": "9" * 30,
        "party": "-1",
    }
    assert desk.get(reverse("desk"), junk).status_code == 200


def test_the_first_possible_time_opens_its_week(
    desk: Client, service: Service, site: Site, cabin: Cabin, bob: Agent
) -> None:
    make_shift(bob, site, at(9) + timedelta(weeks=3), at(12) + timedelta(weeks=3))
    response = desk.get(reverse("desk-next-free"), {"service": service.pk})
    assert "week=2026-12-15" in response.headers["Location"]


def test_the_desk_page_needs_at_most_twelve_queries(
    desk: Client,
    commune: Commune,
    service: Service,
    site: Site,
    helped: Agent,
    fatima: Resident,
    django_assert_max_num_queries: Any,
) -> None:
    for name in ("Saint-Julien", "Verlaine"):
        other = make_site(commune, name=name, short_name=name)
        make_cabin(other)
        make_shift(helped, other, at(9, day=25), at(12, day=25))
    where = hold(desk, service, site, fatima).headers["Location"]
    with django_assert_max_num_queries(12):
        assert desk.get(where).status_code == 200


def test_what_was_typed_stays_when_a_date_of_a_series_is_refused(
    desk: Client, service: Service, site: Site, cabin: Cabin, fatima: Resident
) -> None:
    make_appointment(cabin, service, at(14) + timedelta(weeks=1))
    hold(desk, service, site, fatima, helper="0")
    last_step = {"hold": Appointment.objects.get(status=Status.HELD).pk, "resident": fatima.pk, "helper": "0"}
    refused = desk.post(reverse("desk-confirm"), last_step | {"note": "apporte sa carte", "times": "3"})
    assert refused.status_code == 409
    html = refused.content.decode()
    assert 'value="apporte sa carte"' in html
    assert '<option value="3" selected>' in html


def test_another_service_helper_or_more_people_after_a_time_was_picked_ask_for_another_time(
    desk: Client, commune: Commune, service: Service, site: Site, helped: Agent, fatima: Resident
) -> None:
    taxes = make_service(commune, name="Impôts")
    hold(desk, service, site, fatima, helper="0")
    kept = Appointment.objects.get()
    chosen: dict[str, Any] = {"resident": fatima.pk, "helper": "0", "week": "2026-11-23", "hold": kept.pk}
    others: tuple[dict[str, Any], ...] = (
        {"service": taxes.pk},
        {"service": service.pk, "party": 3},
        {"service": service.pk, "helper": "1"},
    )
    for other in others:
        shown = desk.get(reverse("desk"), chosen | other).context["desk"]
        assert (shown.service.pk, shown.party) == (other["service"], other.get("party", 1))
        assert shown.hold is None and shown.chosen is None
    as_before = chosen | {"service": service.pk, "party": 1}
    assert desk.get(reverse("desk"), as_before).context["desk"].hold == kept
    where = hold(desk, service, site, fatima, helper="0", hold=kept.pk, party=3).headers["Location"]
    again = Appointment.objects.get(status=Status.HELD)
    assert (again.starts_at, again.party_size) == (kept.starts_at, 3)
    assert desk.get(where).context["desk"].hold == again


@pytest.mark.parametrize("odd", ["²", "-1", "9" * 30, "9" * 5000, "x"])
def test_an_odd_id_is_nobodys(
    desk: Client, cabin: Cabin, service: Service, fatima: Resident, odd: str
) -> None:
    booked = make_appointment(cabin, service, at(10), resident=fatima)
    why = {"reason": Reason.MISTAKE, "asked_by": AskedBy.MAIRIE}
    back = desk.post(reverse("appointment-cancel", args=[booked.pk]), {"back": odd, **why})
    assert back.headers["Location"] == reverse("appointment", args=[booked.pk])
    assert desk.post(reverse("resident-merge", args=[fatima.pk]), {"duplicate": odd}).status_code == 404
    assert desk.get(reverse("waiting-join"), {"resident": odd}).status_code == 404


def test_the_page_of_a_resident_reads_as_on_paper_and_leaves_no_name_in_the_history(
    desk: Client, fatima: Resident
) -> None:
    Resident.objects.filter(pk=fatima.pk).update(contact_phone="+33639981235", last_name="Bensaïd")
    html = desk.get(reverse("resident", args=[fatima.pk])).content.decode()
    assert 'value="06 39 98 12 35"' in html
    assert "Bensaïd" not in html.partition("<title>")[2].partition("</title>")[0]
