"""One person is not recorded twice, and two people behind one number are both recorded."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking import actions
from booking.models import Appointment, Resident
from booking.search import find_duplicates
from communes.models import Cabin, Commune, Service, Site
from tests.booking.test_desk_who import HTMX, desk, page_of, written
from tests.booking.towns import SYSTEM
from tests.edits import send_edit
from tests.factories import TUESDAY, at, make_appointment, make_commune, make_resident

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("tuesday")


def known(commune: Commune, *numbers: str, **fields: Any) -> Resident:
    names = {"first_name": "Fatima", "last_name": "Bensaïd", **fields}
    return actions.create_resident(
        commune=commune, phones=[actions.PhoneInput(number) for number in numbers], now=TUESDAY, **names
    )


# ---- who is looked for ------------------------------------------------------------------------------


def test_duplicates_have_the_number_the_address_or_a_similar_name(commune: Commune) -> None:
    fatima = known(commune, "+33639981234", email="f@example.org")
    by_number = known(commune, "+33639981234", first_name="Karim", last_name="Roy")
    by_name = known(commune, "+33639985678", first_name="Fatma", last_name="Bensaid")
    reversed_name = known(commune, first_name="Bensaïd", last_name="Fatima")
    by_email = known(commune, first_name="Zoé", last_name="Petit", email="F@example.org")
    known(commune, "+33639989999", first_name="Paul", last_name="Martin", email="p@example.org")
    known(make_commune(), "+33639981234")
    found = find_duplicates(commune, fatima)
    assert found[0].resident == by_number
    assert {match.resident for match in found} == {by_number, by_name, reversed_name, by_email}
    assert found[0].same_numbers == ["+33639981234"]
    assert [match.resident for match in found if match.same_name] == [reversed_name]


def test_of_somebody_without_a_name_only_the_number_counts(commune: Commune) -> None:
    left = make_resident(commune, "+33639981234", first_name="", last_name="", search_name="")
    make_resident(commune, "+33639985678", first_name="", last_name="", search_name="")
    fatima = known(commune, "+33639981234")
    assert [match.resident for match in find_duplicates(commune, left)] == [fatima]


def test_the_page_of_duplicates_shows_who_has_the_same_number(desk: Client, commune: Commune) -> None:
    fatima = known(commune, "+33639981234")
    karim = known(commune, "+33639981234", first_name="Karim", last_name="Roy")
    page = page_of(desk.get(reverse("resident-duplicates", args=[fatima.pk])))
    assert f'name="duplicate" value="{karim.pk}"' in page
    assert "même numéro" in page
    assert "même nom" not in page


def test_a_record_without_a_name_gets_the_name_of_the_one_merged_into_it(commune: Commune) -> None:
    left = make_resident(commune, "+33639981234", first_name="", last_name="", search_name="")
    fatima = known(commune, "+33639981234")
    kept = actions.merge_residents(keep=left, duplicate=fatima, by=SYSTEM, now=TUESDAY)
    kept.refresh_from_db()
    assert (str(kept), kept.search_name) == ("Fatima Bensaïd", "fatima bensaid")


# ---- before somebody new is recorded ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "question", "answer"),
    [
        ({"first_name": "Awa"}, "Le 06 39 98 41 07 est déjà le numéro", "quelqu’un d’autre à ce numéro"),
        ({"phones-0-number": "06 39 98 44 55"}, "porte déjà ce nom", "c’est quelqu’un d’autre : enregistrer"),
        (
            {"phones-0-number": "06 39 98 44 55", "first_name": "Inconnue", "last_name": "Zoé"},
            "porte déjà ce nom",
            "c’est quelqu’un d’autre : enregistrer",
        ),
    ],
    ids=["number", "name", "name reversed"],
)
@pytest.mark.parametrize("place", ["desk", "gap", "giving"])
def test_the_question_says_what_is_the_same(
    desk: Client,
    commune: Commune,
    cabin: Cabin,
    service: Service,
    site: Site,
    changed: dict[str, str],
    question: str,
    answer: str,
    place: str,
) -> None:
    known(commune, "+33639984107", first_name="Zoé", last_name="Inconnue")
    visit = make_appointment(cabin, service, at(15))
    address = {
        "desk": reverse("resident-create"),
        "gap": reverse("place-new"),
        "giving": reverse("appointment-give-new", args=[visit.pk]),
    }[place]
    gap = {"slot": f"{site.pk}@2026-11-24T13:00Z", "cabin": cabin.pk}
    asked = desk.post(address, {**gap, **written(**changed)})
    page = page_of(asked).replace("\N{NO-BREAK SPACE}", " ")
    assert asked.status_code == 409
    assert question in page
    assert answer in page
    assert "Zoé Inconnue" in page


def owners(desk: Client, number: str) -> str:
    data = {"phones-TOTAL_FORMS": "1", "phones-INITIAL_FORMS": "0", "phones-0-number": number}
    return page_of(desk.post(reverse("number-owners"), data, headers=HTMX))


def test_while_a_number_is_typed_its_owners_are_named(desk: Client, commune: Commune) -> None:
    zoe = known(commune, "+33639984107", first_name="Zoé", last_name="Inconnue", birth_year=1950)
    page = owners(desk, "06 39 98 41 07 (sa fille)")
    assert "Zoé Inconnue" in page
    assert "1950" in page
    assert f"resident={zoe.pk}" in page
    assert "notice" not in owners(desk, "06 39 98 41 0")
    assert "notice" not in owners(desk, "")
    known(make_commune(), "+33639980000")
    assert "notice" not in owners(desk, "06 39 98 00 00")


def test_a_number_given_to_a_second_person_is_said_to_be_somebody_elses_too(
    desk: Client, commune: Commune
) -> None:
    known(commune, "+33639984107", first_name="Zoé", last_name="Inconnue")
    fatima = known(commune, "+33639981234")

    def save(number: str) -> str:
        data = written(first_name="Fatima", last_name="Bensaïd", **{"phones-0-number": number})
        return page_of(send_edit(desk, reverse("resident", args=[fatima.pk]), data, follow=True))

    assert "Également à ce numéro : Zoé Inconnue" in save("06 39 98 41 07")
    assert "Également" not in save("06 39 98 41 07")
    assert "Également" not in save("06 39 98 99 99")


# ---- somebody else behind a number ------------------------------------------------------------------


def test_a_number_that_jumps_to_its_only_owner_leaves_a_way_to_somebody_else(
    desk: Client, commune: Commune
) -> None:
    zoe = known(commune, "+33639984107", first_name="Zoé", last_name="Inconnue")
    found = desk.post(reverse("desk-search"), {"q": "06 39 98 41 07"}, headers=HTMX)
    card = page_of(desk.get(found.headers["Location"]))
    link = re.search(r'class="another" href="([^"]*)"', card)
    assert link is not None
    assert "Une autre personne à ce numéro" in card
    assert "39984107" not in link.group(1)
    page = page_of(desk.get(link.group(1).replace("&amp;", "&")))
    assert '<details class="new" open>' in page
    assert 'name="phones-0-number" value="06 39 98 41 07"' in page.replace('"text" ', "")
    assert f"resident={zoe.pk}" in page, "whoever has it is still there to be chosen"
    recorded = desk.post(
        reverse("resident-create"), {**written(first_name="Awa", last_name="Inconnue"), "sure": "1"}
    )
    assert recorded.status_code == 302
    assert Resident.objects.filter(phones__number="+33639984107").count() == 2


def test_of_several_behind_a_number_the_page_asks_who_comes(desk: Client, commune: Commune) -> None:
    for first in ("Zoé", "Awa"):
        known(commune, "+33639984107", first_name=first, last_name="Inconnue", postal_address="8 rue Verte")
    page = page_of(desk.post(reverse("desk-search"), {"q": "0639984107"}, headers=HTMX))
    assert "2 personnes à ce numéro" in page
    assert "8 rue Verte" in page
    assert "Une autre personne à ce numéro" in page
    assert "personnes à ce numéro" not in page_of(
        desk.post(reverse("desk-search"), {"q": "4107"}, headers=HTMX)
    )


def test_a_phone_of_another_commune_leads_nowhere(desk: Client, commune: Commune) -> None:
    stranger = known(make_commune(), "+33639984107")
    phone = stranger.phones.get()
    page = page_of(desk.get(reverse("desk"), {"number_of": phone.pk}))
    assert "06 39 98 41 07" not in page
    assert "Bensaïd" not in page


@pytest.mark.parametrize("place", ["gap", "giving"])
def test_other_pages_that_choose_a_person_lead_to_somebody_else_too(
    desk: Client, commune: Commune, cabin: Cabin, service: Service, site: Site, place: str
) -> None:
    zoe = known(commune, "+33639984107", first_name="Zoé", last_name="Inconnue")
    visit: Appointment = make_appointment(cabin, service, at(15))
    address: str = reverse("place") if place == "gap" else reverse("appointment-give", args=[visit.pk])
    query: dict[str, Any] = {"slot": f"{site.pk}@2026-11-24T13:00Z", "cabin": cabin.pk}
    chosen = page_of(desk.get(address, {**query, "resident": zoe.pk}))
    link = re.search(r'class="another-at"><a href="([^"]*)"', chosen)
    assert link is not None
    page = page_of(desk.get(link.group(1).replace("&amp;", "&")))
    assert 'value="06 39 98 41 07"' in page
    assert re.search(r'<details class="new" id="new" open', page)


def test_the_kiosk_asks_nobody_about_a_number_that_is_known(
    commune: Commune, cabin: Cabin, service: Service
) -> None:
    known(commune, "+33639984107")
    visit = make_appointment(cabin, service, at(15))
    left = actions.leave_number(
        appointment=visit, number_e164="+33639984107", language="fr", by=SYSTEM, now=TUESDAY
    )
    assert left.is_nameless
