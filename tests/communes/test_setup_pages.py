"""A manager makes, changes and retires places and cabins by pages; others see no button for it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.enums import Equipment
from communes.models import Cabin, Commune, Service, Site
from planning.orphans import OrphanReason, orphans
from tests.edits import send_edit
from tests.factories import at, make_appointment, make_cabin, make_commune, make_service, make_site

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def page(client: Client, dana: Agent) -> Client:
    client.force_login(dana)
    return client


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def cabin_form(**fields: Any) -> dict[str, Any]:
    return {"name": "Cabine du hall", "equipment": ["screen"], "wheelchair": "unknown", **fields}


def test_a_place_is_added_and_its_hours_are_asked_for_next(page: Client, commune: Commune) -> None:
    assert reverse("site-new") in text(page.get("/lieux/"))
    sent = {"name": "Mairie", "phone": "02 61 91 00 40", "wheelchair": "yes"}
    answer = page.post(reverse("site-new"), sent)
    site = commune.sites.get()
    assert answer["Location"] == reverse("hours-edit", args=[site.pk])
    assert (site.short_name, site.phone, site.opening_hours) == ("Mairie", "+33261910040", "")


def test_a_name_that_is_taken_is_said_at_the_field(page: Client, site: Site) -> None:
    answer = page.post(reverse("site-new"), {"name": site.name, "wheelchair": "unknown"})
    assert answer.status_code == 422
    assert "Ce nom est déjà pris ici" in str(answer.context["form"].errors["name"])


def test_a_cabin_is_added_and_the_next_one_asked_for(page: Client, site: Site) -> None:
    address = reverse("cabin-new", args=[site.pk])
    assert page.post(address, cabin_form(again="1"))["Location"] == address
    answer = page.post(address, cabin_form(name="Bleue", in_service_at="2026-12-01"))
    assert answer["Location"] == reverse("places")
    first, second = site.cabins.all()
    assert first.in_service_at is None and second.in_service_at is not None
    assert second.in_service_at.astimezone(site.commune.tz).isoformat() == "2026-12-01T00:00:00+01:00"
    assert "en service le" in text(page.get("/lieux/"))


def test_a_cabin_says_which_services_it_can_take_and_what_it_lacks(page: Client, commune: Commune) -> None:
    make_service(commune, name="Accès libre")
    make_service(commune, name="Retraite", equipment_needed=[Equipment.PRINTER])
    make_service(make_commune(), name="Ailleurs")
    shown = text(page.get(reverse("cabin-services"), {"equipment": ["screen"]}))
    assert "1 de vos 2 démarches" in shown
    assert "Retraite" in shown and "imprimante" in shown and "Ailleurs" not in shown


def test_a_retired_cabin_leaves_its_visits_to_be_replaced(
    page: Client, commune: Commune, cabin: Cabin, service: Service
) -> None:
    visit = make_appointment(cabin, service, at(10, day=26))
    address = reverse("cabin-retire", args=[cabin.pk])
    impact = page.post(reverse("cabin-retire-impact", args=[cabin.pk]), {"from_on": "2026-11-26"})
    assert "1" in text(impact)
    answer = page.post(address, {"do": "retire", "from_on": "2026-11-26"}, follow=True)
    assert answer.redirect_chain == [(reverse("places"), 302)]
    assert "plus rien n’y est proposé à partir du jeudi 26 novembre 2026" in text(answer)
    assert [(each.appointment, each.why) for each in orphans(commune, at(10))] == [
        (visit, OrphanReason.CABIN_RETIRED)
    ]
    assert page.post(address, {"do": "delete"}).status_code == 422
    assert page.post(address, {"do": "resume"}).status_code == 302
    assert orphans(commune, at(10)) == []


def test_a_place_that_was_entered_by_mistake_is_deleted(page: Client, commune: Commune, site: Site) -> None:
    assert page.post(reverse("site-retire", args=[site.pk]), {"do": "delete"}).status_code == 302
    assert not commune.sites.exists()


def test_the_order_of_places_and_cabins_is_changed(page: Client, commune: Commune, site: Site) -> None:
    second, cabin, other = make_site(commune, name="B"), make_cabin(site), make_cabin(site)
    page.post(reverse("site-move", args=[second.pk]), {"up": "1"})
    page.post(reverse("cabin-move", args=[cabin.pk]), {"up": "0"})
    assert list(commune.sites.all()) == [second, site]
    assert list(site.cabins.all()) == [other, cabin]


def test_what_was_changed_is_shown_with_old_and_new(page: Client, site: Site) -> None:
    send_edit(page, reverse("site-edit", args=[site.pk]), {"name": "Maison commune", "wheelchair": "unknown"})
    shown = text(page.get(reverse("site-log", args=[site.pk])))
    assert "Hôtel de ville → Maison commune" in shown


def test_an_added_place_is_logged_in_its_own_words_without_what_was_left_empty(
    page: Client, commune: Commune
) -> None:
    page.post(reverse("site-new"), {"name": "Mairie", "wheelchair": "unknown", "walk_ins": "on"})
    site = commune.sites.get()
    page.post(reverse("cabin-new", args=[site.pk]), cabin_form(walk_ins="on"))
    shown = text(page.get(reverse("site-log", args=[site.pk])))
    assert "Utiliser ce lieu sans rendez-vous" in shown
    assert shown.count("Utiliser cette cabine sans rendez-vous") == 1
    assert "rien → rien" not in shown and "Contact" not in shown


def test_the_contact_of_a_place_is_shown_to_the_agents_who_need_it(
    client: Client, alice: Agent, site: Site
) -> None:
    Site.objects.update(contact="Josiane, accueil", address="", city="Val-Clair", postal_code="76001")
    client.force_login(alice)
    shown = text(client.get(reverse("places")))
    assert "Josiane, accueil" in shown and "76001 Val-Clair" in shown


def test_a_retired_place_is_kept_in_a_list_of_its_own(page: Client, client: Client, site: Site) -> None:
    Site.objects.update(is_active=False, retired_at=at(0))
    assert [each.pk for each in page.get("/lieux/").context["retired"]] == [site.pk]


def test_the_desk_sees_no_button_to_add_anything(client: Client, alice: Agent, site: Site) -> None:
    client.force_login(alice)
    assert reverse("site-new") not in text(client.get("/lieux/"))


def test_a_name_is_one_line(page: Client, site: Site) -> None:
    """With a line break it would stand in the subject of e-mails, which then never leave."""
    page.post(reverse("cabin-new", args=[site.pk]), cabin_form(name="Bleue\r\nBcc: x@example.org"))
    assert [each.name for each in site.cabins.all()] == ["Bleue Bcc: x@example.org"]


def test_a_cabin_in_which_nothing_is_possible_says_so(page: Client, commune: Commune, site: Site) -> None:
    for name in ("CAF", "Impôts"):
        make_service(commune, name=name, equipment_needed=[Equipment.MEDICAL_KIT])
    shown = text(page.get(reverse("cabin-services"), {"equipment": ["screen"]}))
    assert "Aucune de vos démarches n’est possible dans cette cabine." in shown
