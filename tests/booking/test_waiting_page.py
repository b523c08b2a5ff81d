"""The waiting list as the desk sees it: put someone on it, follow the offers, take them off."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking import actions
from booking.enums import Status, WaitingState
from booking.forms.desk import slot_value
from booking.models import Appointment, Resident, WaitingEntry
from communes.actions import bump_sites
from communes.models import Cabin, Commune, Service, Site
from notifications.models import Message
from tests.factories import TUESDAY, at, make_resident, make_shift, make_site
from tests.notifications.conftest import run

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def desk(client: Client, alice: Agent) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, "+33639981234")


def join(resident: Resident, service: Service) -> WaitingEntry:
    wish = actions.WaitingRequest(
        resident=resident, service=service, with_helper=True, until_on=date(2026, 12, 24)
    )
    return actions.join_waiting_list(request=wish, now=TUESDAY)


@pytest.fixture
def offered(fatima: Resident, service: Service, site: Site, cabin: Cabin, bob: Agent) -> WaitingEntry:
    entry = join(fatima, service)
    make_shift(bob, site, at(14), at(16))
    assert actions.offer_freed_times(now=TUESDAY) == 1
    entry.refresh_from_db()
    return entry


def test_the_resident_on_the_phone_is_put_on_the_list(
    desk: Client, fatima: Resident, service: Service, site: Site
) -> None:
    query: dict[str, str | int] = {"resident": fatima.pk, "service": service.pk, "helper": "0"}
    page = desk.get(reverse("waiting-join"), query)
    assert "Fatima Bensaïd" in page.content.decode()
    data = {
        "resident": fatima.pk,
        "service": service.pk,
        "helper": "1",
        "party": "1",
        "half_days": ["0", "3"],
        "sites": [site.pk],
        "until_on": "2026-12-24",
    }
    assert desk.post(reverse("waiting-join"), data).headers["Location"] == reverse("waiting-list")
    entry = WaitingEntry.objects.get()
    assert (entry.resident, entry.half_days, list(entry.sites.all())) == (fatima, [0, 3], [site])
    page = desk.get(reverse("waiting-list"))
    assert "lundi matin, mardi après-midi" in page.content.decode()


def test_a_half_day_on_which_every_place_is_closed_says_so_and_alone_is_refused(
    desk: Client, fatima: Resident, service: Service, site: Site, commune: Commune
) -> None:
    make_site(commune, opening_hours="Sa 09:00-12:00")
    page = desk.get(reverse("waiting-join"), {"resident": fatima.pk}).content.decode()
    assert "samedi après-midi (tous les lieux sont fermés)" in page
    assert "samedi matin (" not in page and "lundi après-midi (" not in page
    sent: dict[str, Any] = {"resident": fatima.pk, "service": service.pk, "helper": "1", "party": "1"}
    sent["until_on"] = "2026-12-24"
    for half_days, sites in ((["11"], []), (["10", "11"], [site.pk])):
        refused = desk.post(reverse("waiting-join"), {**sent, "half_days": half_days, "sites": sites})
        assert refused.status_code == 422 and "rien ne pourrait" in refused.content.decode()
    assert desk.post(reverse("waiting-join"), {**sent, "half_days": ["10", "11"]}).status_code == 302


def test_the_list_says_why_nobody_is_written_to_where_another_organisation_sets_the_hour(
    desk: Client, fatima: Resident, service: Service
) -> None:
    service.hour_set_elsewhere = True
    service.save()
    join(fatima, service)
    page = desk.get(reverse("waiting-list")).content.decode()
    assert "heure à convenir" in page
    assert "Aucun message ne part" in page
    assert f"?resident={fatima.pk}&amp;service={service.pk}" in page


def test_a_time_kept_for_somebody_who_waits_is_neither_booked_nor_given_back_by_a_forged_form(
    desk: Client, offered: WaitingEntry, site: Site, service: Service
) -> None:
    """They have a message about it, and answer within the half hour."""
    other = make_resident(site.commune, "+33639985678", first_name="Léa")
    kept = Appointment.objects.get(status=Status.HELD)
    confirm = {"hold": kept.pk, "resident": other.pk}
    slot = slot_value(site.pk, at(15))
    hold = {"hold": kept.pk, "service": service.pk, "helper": "0", "slot": slot}

    assert desk.post(reverse("desk-confirm"), confirm).status_code == 422
    assert desk.post(reverse("desk-hold"), hold).status_code == 422

    kept.refresh_from_db()
    assert (kept.status, kept.resident) == (Status.HELD, offered.resident)


def test_a_past_day_is_refused_beside_its_field(desk: Client, fatima: Resident, service: Service) -> None:
    data = {
        "resident": fatima.pk,
        "service": service.pk,
        "helper": "1",
        "party": "1",
        "until_on": "2026-11-01",
    }
    response = desk.post(reverse("waiting-join"), data)
    assert response.status_code == 422
    assert "Ce jour est passé." in response.content.decode()
    assert not WaitingEntry.objects.exists()


def test_an_offer_is_shown_with_its_end_and_taken_by_phone(desk: Client, offered: WaitingEntry) -> None:
    page = desk.get(reverse("waiting-list")).content.decode()
    assert "gardé jusqu’à 10:30" in page
    desk.post(reverse("waiting-accept", args=[offered.pk]))
    offered.refresh_from_db()
    assert offered.state == WaitingState.BOOKED
    assert Appointment.objects.get().status == Status.BOOKED


def test_a_declined_offer_goes_to_the_next_in_order(
    desk: Client, commune: Commune, service: Service, offered: WaitingEntry
) -> None:
    second = join(make_resident(commune, first_name="Karim"), service)
    desk.post(reverse("waiting-decline", args=[offered.pk]))
    actions.offer_freed_times(now=at(10, 1))
    second.refresh_from_db()
    assert Appointment.objects.filter(status=Status.HELD, resident=second.resident).exists()
    assert second.state == WaitingState.OFFERED


def test_someone_is_taken_off_the_list(desk: Client, fatima: Resident, service: Service) -> None:
    entry = join(fatima, service)
    desk.post(reverse("waiting-leave", args=[entry.pk]))
    assert "Personne n’attend." in desk.get(reverse("waiting-list")).content.decode()


def test_the_list_needs_as_many_queries_for_one_as_for_many(
    desk: Client, commune: Commune, service: Service, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        join(make_resident(commune, f"+3363998{number:04d}"), service)
    with django_assert_num_queries(8):  # session, agent; entries, sites, phones, offers; cabins; who looked
        desk.get(reverse("waiting-list"))


def test_another_commune_sees_nothing_of_it(client: Client, charlie: Agent, offered: WaitingEntry) -> None:
    client.force_login(charlie)
    assert "Fatima" not in client.get(reverse("waiting-list")).content.decode()
    for name in ("waiting-accept", "waiting-decline", "waiting-leave"):
        assert client.post(reverse(name, args=[offered.pk])).status_code == 404
    query: dict[str, str | int] = {"resident": offered.resident_id}
    assert client.get(reverse("waiting-join"), query).status_code == 404


# ---- something is free while they are on the telephone -----------------------------------------------


@pytest.fixture
def some_free(service: Service, site: Site, cabin: Cabin, bob: Agent) -> Service:
    """Bob is there on Tuesday afternoon and on Wednesday."""
    make_shift(bob, site, at(14), at(17))
    make_shift(bob, site, at(9, day=25), at(12, day=25))
    return service


def asked(resident: Resident, service: Service, **more: Any) -> dict[str, Any]:
    return {
        "resident": resident.pk,
        "service": service.pk,
        "helper": "1",
        "party": "2",
        "until_on": "2026-12-24",
        **more,
    }


def sent_messages() -> int:
    offer_freed_times()
    run(TUESDAY)
    return Message.objects.count()


def offer_freed_times() -> None:
    bump_sites(Site.objects.values_list("pk", flat=True))  # as whatever frees a time does
    actions.offer_freed_times(now=TUESDAY)


def test_what_is_free_is_shown_and_nobody_is_on_the_list_or_told(
    desk: Client, fatima: Resident, some_free: Service, site: Site
) -> None:
    response = desk.post(reverse("waiting-join"), asked(fatima, some_free, sites=[site.pk], note="permis"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Il y a de la place maintenant :" in page.replace("\u00a0", " ")
    free = response.context["free"]
    assert [each.start for each in free.shown] == [at(14), at(14, 15), at(14, 30), at(9, day=25)]
    assert f'value="{slot_value(site.pk, at(14))}"' in page
    assert f'value="{slot_value(site.pk, at(9, day=25))}"' in page
    assert response.context["form"]["sites"].value() == [str(site.pk)]
    assert not WaitingEntry.objects.exists()
    assert sent_messages() == 0


def test_a_shown_time_leads_to_the_desk_with_all_that_was_chosen(
    desk: Client, fatima: Resident, some_free: Service, site: Site
) -> None:
    pick = {
        "resident": fatima.pk,
        "service": some_free.pk,
        "helper": "1",
        "party": "2",
        "note": "apporter le permis",
        "slot": slot_value(site.pk, at(14)),
    }
    response = desk.post(reverse("desk-hold"), pick, follow=True)
    address = response.redirect_chain[-1][0]
    assert "permis" not in address
    page = response.content.decode()
    assert 'value="apporter le permis"' in page
    state = response.context["desk"]
    assert (state.resident, state.service, state.party, state.helper) == (fatima, some_free, 2, "1")
    assert (state.hold.starts_at, state.when.week) == (at(14), date(2026, 11, 23))
    # after an error, what was typed since counts, not what came along
    wrong = {"hold": state.hold.pk, "resident": fatima.pk, "service": some_free.pk, "note": "", "times": "99"}
    assert "apporter le permis" not in desk.post(reverse("desk-confirm"), wrong).content.decode()


def test_a_note_that_is_too_long_comes_back_beside_its_field(
    desk: Client, fatima: Resident, some_free: Service, site: Site
) -> None:
    pick = {"resident": fatima.pk, "service": some_free.pk, "helper": "1", "note": "x" * 201}
    response = desk.post(reverse("desk-hold"), {**pick, "slot": slot_value(site.pk, at(14))})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="note_error"' in page
    assert "x" * 201 in page
    assert not Appointment.objects.exists()


def test_all_the_same_they_are_on_the_list_and_nothing_is_offered(
    desk: Client, fatima: Resident, some_free: Service, site: Site, bob: Agent
) -> None:
    data = asked(fatima, some_free)
    seen = desk.post(reverse("waiting-join"), data).context["free"].seen
    response = desk.post(reverse("waiting-join"), {**data, "anyway": seen})
    assert response.headers["Location"] == reverse("waiting-list")
    assert sent_messages() == 0
    assert "d’autres horaires" in desk.get(reverse("waiting-list")).content.decode()
    make_shift(bob, site, at(9, day=26), at(12, day=26))
    offer_freed_times()
    assert Appointment.objects.get().starts_at == at(9, day=26)


def test_what_became_free_before_the_last_time_shown_is_shown_too(
    desk: Client, fatima: Resident, some_free: Service, site: Site, bob: Agent
) -> None:
    data = asked(fatima, some_free)
    seen = desk.post(reverse("waiting-join"), data).context["free"].seen
    make_shift(bob, site, at(11), at(14))
    other = {**data, "anyway": seen, "sites": [site.pk]}
    site.opening_hours = "Mo-Fr 09:00-17:00"
    site.save()
    response = desk.post(reverse("waiting-join"), other)
    assert response.status_code == 409
    assert response.context["free"].shown[0].start < at(14)
    assert not WaitingEntry.objects.exists()


@pytest.mark.parametrize("anyway", ["x", "1@x,,", "é" * 5000])
def test_an_unreadable_answer_shows_what_is_free(
    desk: Client, fatima: Resident, some_free: Service, anyway: str
) -> None:
    response = desk.post(reverse("waiting-join"), asked(fatima, some_free, anyway=anyway, hold="9" * 30))
    assert response.status_code == 409


def test_what_was_chosen_on_the_desk_page_begins_the_form_and_stays_after_an_error(
    desk: Client, commune: Commune, fatima: Resident, some_free: Service, site: Site
) -> None:
    make_site(commune)
    query: dict[str, Any] = {"resident": fatima.pk, "service": some_free.pk, "site": site.pk, "party": 2}
    plan = desk.get(reverse("desk"), query).content.decode()
    assert 'form="to-waiting"' in plan
    assert f'<input type="hidden" name="site" value="{site.pk}">' in plan
    begun = desk.post(reverse("waiting-join"), {**query, "helper": "0", "note": "permis", "begin": "1"})
    page = begun.content.decode()
    assert begun.status_code == 200
    assert begun.context["form"]["sites"].value() == [site.pk]
    assert '<input type="hidden" name="note" value="permis">' in page
    assert f"site={site.pk}" in begun.context["all_times"]
    wrong = asked(fatima, some_free, sites=[site.pk], note="permis", until_on="hier")
    again = desk.post(reverse("waiting-join"), wrong)
    assert again.status_code == 422
    assert again.context["form"]["sites"].value() == [str(site.pk)]
    assert '<input type="hidden" name="note" value="permis">' in again.content.decode()


def test_the_time_kept_on_the_desk_page_is_shown_again_and_can_be_chosen(
    desk: Client, fatima: Resident, some_free: Service, site: Site, alice: Agent
) -> None:
    pick = {"resident": fatima.pk, "service": some_free.pk, "helper": "1", "party": "2"}
    desk.post(reverse("desk-hold"), {**pick, "slot": slot_value(site.pk, at(14))})
    held = Appointment.objects.get()
    response = desk.post(reverse("waiting-join"), asked(fatima, some_free, hold=held.pk))
    assert response.context["free"].shown[0].start == at(14)
    slot = slot_value(site.pk, at(14))
    again = desk.post(reverse("desk-hold"), {**pick, "hold": held.pk, "note": "permis", "slot": slot})
    assert again.status_code == 302
    assert Appointment.objects.get(status=Status.HELD).note == "permis"


def test_who_may_not_use_the_waiting_list_is_not_led_there(
    client: Client, bob: Agent, fatima: Resident, some_free: Service
) -> None:
    client.force_login(bob)
    page = client.get(reverse("desk"), {"resident": fatima.pk, "service": some_free.pk}).content.decode()
    assert 'form="to-waiting"' not in page


def test_who_can_come_on_sundays_alone_waits_for_no_other_day(
    desk: Client, fatima: Resident, service: Service, site: Site
) -> None:
    site.opening_hours = "Mo-Fr 09:00-12:00; Su 10:00-12:00"
    site.save()
    chosen: dict[str, Any] = {"resident": fatima.pk, "service": service.pk, "half_days": ["12"]}
    page = desk.get(reverse("waiting-join"), chosen).context["form"]
    assert [each.data["value"] for each in page["half_days"] if each.data["selected"]] == [12]
    answer = desk.post(
        reverse("waiting-join"), {**chosen, "helper": "1", "party": "1", "until_on": "2026-12-24"}
    )
    assert answer.status_code == 302
    assert WaitingEntry.objects.get().half_days == [12]


def test_where_nothing_opens_on_sundays_they_are_not_offered(
    desk: Client, fatima: Resident, service: Service, site: Site
) -> None:
    form = desk.get(reverse("waiting-join"), {"resident": fatima.pk}).context["form"]
    assert [value for value, _label in form.fields["half_days"].choices] == list(range(12))


def test_a_time_that_is_offered_to_somebody_who_waits_does_not_count_as_kept_for_another(
    desk: Client, offered: WaitingEntry, commune: Commune
) -> None:
    theirs = Appointment.objects.get(status=Status.HELD)
    other = make_resident(commune)
    asked = {"resident": other.pk, "service": offered.service_id, "hold": theirs.pk}
    assert desk.get(reverse("waiting-join"), asked).context["hold"] is None
    assert desk.get(reverse("desk"), asked).context["desk"].hold is None


def test_the_page_says_for_how_long_a_time_is_kept(desk: Client, commune: Commune) -> None:
    Commune.objects.filter(pk=commune.pk).update(offer_lasts_min=45)
    assert "pendant 45\N{NO-BREAK SPACE}min" in desk.get(reverse("waiting-list")).content.decode()
    Commune.objects.filter(pk=commune.pk).update(offers_freed_times=False)
    page = desk.get(reverse("waiting-list")).content.decode()
    assert "ne sont proposés à personne par message" in page and "une personne à la fois" not in page
