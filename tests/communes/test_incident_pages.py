"""« Pannes »: an agent reports, takes, confirms, changes the end and closes; the lists and the history."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership
from communes.enums import Equipment, IncidentKind
from communes.incident_actions import ask_whether_repaired
from communes.models import Cabin, Commune, Incident, Site
from core.roles import Role
from kiosk.faults import faults_for
from tests.edits import send_edit
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_fault,
    make_resident,
    make_service,
    make_site,
)

pytestmark = pytest.mark.usefixtures("tuesday")


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(response.content.decode())).split()).replace(
        " ,", ","
    )


@pytest.fixture
def page(client: Client, bob: Agent) -> Client:
    """A helper, who may do all of it."""
    client.force_login(bob)
    return client


def test_an_agent_reports_what_they_have_seen_and_it_is_withdrawn_at_once(
    page: Client, bob: Agent, cabin: Cabin
) -> None:
    make_service(cabin.site.commune, name="Retraite", equipment_needed=[Equipment.PRINTER])
    form = {"cabin": cabin.pk, "kind": "printer", "note": "bourrage", "seen": "on"}
    answer = page.post(
        reverse("fault-new"), {**form, "until_on": "2026-11-25", "until_hour": "14:00"}, follow=True
    )
    fault = Incident.objects.get()
    assert (fault.confirmed_by, fault.expected_end_at, fault.note) == (bob, at(14, day=25), "bourrage")
    shown = text(answer)
    assert "La panne est signalée." in shown
    assert "Fin prévue : mercredi 25 novembre à 14 h." in shown
    assert "Démarches qui en dépendent : Retraite." in shown


def test_without_the_tick_it_waits_for_a_confirmation(page: Client, cabin: Cabin) -> None:
    page.post(reverse("fault-new"), {"cabin": cabin.pk, "kind": "door"})
    fault = Incident.objects.get()
    assert fault.confirmed_at is None
    page.post(reverse("fault-confirm", args=[fault.pk]), {})
    fault = Incident.objects.get()
    assert (fault.confirmed_at, fault.expected_end_at) == (TUESDAY, None)


def test_the_form_offers_what_the_cabin_has(page: Client, cabin: Cabin) -> None:
    bare = make_cabin(cabin.site, equipment=[Equipment.SCREEN])
    shown = text(page.get(reverse("fault-new"), {"cabin": bare.pk}))
    assert "écran" in shown and "porte" in shown
    assert "imprimante" not in shown
    refused = page.post(reverse("fault-new"), {"cabin": bare.pk, "kind": "printer"})
    assert refused.status_code == 422
    assert "Cette cabine n’a pas cet équipement." in text(refused)


def test_the_list_asks_about_what_has_passed_its_end_first(page: Client, cabin: Cabin) -> None:
    make_fault(cabin, IncidentKind.PRINTER, at(8), None)
    passed = make_fault(cabin, IncidentKind.SCANNER, at(9), at(9, 30))
    shown = text(page.get(reverse("faults")))
    assert shown.index("Le scanner" if "Le scanner" in shown else "scanner") < shown.index("imprimante")
    assert "Réparé ?" in shown
    assert "dans les 24 heures qui viennent" in text(page.get(reverse("fault", args=[passed.pk])))
    page.post(reverse("fault-close", args=[passed.pk]))
    passed.refresh_from_db()
    assert passed.closed_at == TUESDAY


def test_another_end_is_said_in_the_history_of_the_fault(page: Client, cabin: Cabin) -> None:
    fault = make_fault(cabin, IncidentKind.SCANNER, TUESDAY, at(12))
    address = reverse("fault-end", args=[fault.pk])
    send_edit(page, address, {"until_on": "2026-11-27"}, on=reverse("fault", args=[fault.pk]))
    fault.refresh_from_db()
    assert fault.expected_end_at == at(0, day=28)
    assert "Fin prévue modifiée" in text(page.get(reverse("fault", args=[fault.pk])))


def test_a_closed_fault_refuses_with_words(page: Client, cabin: Cabin) -> None:
    fault = make_fault(cabin, IncidentKind.SCANNER, TUESDAY, None, closed_at=TUESDAY)
    answer = page.post(reverse("fault-take", args=[fault.pk]), follow=True)
    assert "Cette panne est close entre-temps" in text(answer)


def test_without_a_fault_and_without_a_cabin_the_pages_say_so(
    client: Client, site: Site, alice: Agent
) -> None:
    client.force_login(alice)
    for name in ("faults", "fault-new", "fault-history"):
        assert "Pas encore de cabine" in text(client.get(reverse(name)))
    make_cabin(site)
    assert "Tout fonctionne" in text(client.get(reverse("faults")))
    assert "Aucune panne n’a encore été signalée" in text(client.get(reverse("fault-history")))


def test_the_history_of_a_cabin_says_how_long_it_was_in_order(page: Client, cabin: Cabin) -> None:
    other = make_cabin(cabin.site, name="Cabine de l’étage")
    begun = at(9, day=23)
    make_fault(cabin, IncidentKind.SCANNER, begun, opened_at=begun, closed_at=begun + timedelta(hours=3))
    shown = text(page.get(reverse("cabin-faults", args=[cabin.pk])))
    assert "3 h en panne" in shown
    assert other.name not in shown
    assert other.name in page.get(reverse("fault-history")).content.decode()


def test_a_fault_of_another_commune_is_not_there(client: Client, cabin: Cabin) -> None:
    elsewhere = make_agent(make_commune(), Role.MANAGER)
    client.force_login(elsewhere)
    fault = make_fault(cabin, IncidentKind.SCANNER, TUESDAY)
    assert client.get(reverse("fault", args=[fault.pk])).status_code == 404
    assert client.post(reverse("fault-close", args=[fault.pk])).status_code == 404
    assert client.post(reverse("fault-new"), {"cabin": cabin.pk, "kind": "door"}).status_code == 422


def test_reported_on_a_screen_an_agent_is_rung_and_takes_care(
    commune: Commune, cabin: Cabin, alice: Agent, client: Client
) -> None:
    client.force_login(alice)
    fault = make_fault(
        cabin, IncidentKind.PRINTER, TUESDAY, confirmed_at=None, on_screen=True, opened_at=TUESDAY
    )
    assert "Panne signalée" in text(client.get(reverse("help-calls")))
    client.post(reverse("fault-answer", args=[fault.pk]))
    fault.refresh_from_db()
    assert fault.taken_by == alice
    assert "Panne signalée" not in text(client.get(reverse("help-calls")))


def test_a_helper_is_rung_for_the_sites_of_their_day_alone(page: Client, bob: Agent, cabin: Cabin) -> None:
    make_fault(cabin, IncidentKind.PRINTER, TUESDAY, confirmed_at=None, on_screen=True, opened_at=TUESDAY)
    assert "Panne signalée" not in text(page.get(reverse("help-calls")))
    bob.shifts.create(site=cabin.site, starts_at=at(9), ends_at=at(12))
    assert "Panne signalée" in text(page.get(reverse("help-calls")))


def test_a_technician_is_rung_in_each_of_their_communes_without_names(
    client: Client, commune: Commune, cabin: Cabin
) -> None:
    elsewhere = make_commune(name="Val-Clair")
    theo = make_agent(elsewhere, Role.TECHNICIAN)
    Membership.objects.create(agent=theo, commune=commune, is_technician=True)
    client.force_login(theo)
    fault = make_fault(
        cabin, IncidentKind.PRINTER, TUESDAY, confirmed_at=None, on_screen=True, opened_at=TUESDAY
    )
    visit = make_appointment(
        cabin, make_service(commune), at(10), resident=make_resident(commune), status="arrived"
    )
    assert reverse("fault-rings") in client.get(reverse("screens")).content.decode()
    rung = text(client.get(reverse("fault-rings")))
    assert "Panne signalée" in rung
    assert visit.resident is not None and visit.resident.last_name not in rung
    client.post(reverse("fault-answer", args=[fault.pk]))
    fault.refresh_from_db()
    assert fault.taken_by == theo
    assert "Panne signalée" not in text(client.get(reverse("fault-rings")))


def test_an_end_at_midnight_is_the_evening_before(page: Client, cabin: Cabin) -> None:
    fault = make_fault(cabin, IncidentKind.SCANNER, TUESDAY, at(0, day=27))
    assert "Fin prévue : jeudi 26 novembre au soir." in text(page.get(reverse("fault", args=[fault.pk])))
    assert "fin prévue : jeudi 26 novembre au soir" in text(page.get(reverse("faults")))


def test_the_form_shows_the_end_that_is_known(page: Client, cabin: Cabin) -> None:
    """Sent as it stands, it keeps the end."""
    for end, day, hour in ((at(0, day=27), "2026-11-26", None), (at(14, day=27), "2026-11-27", "14:00")):
        fault = make_fault(cabin, IncidentKind.SCANNER, TUESDAY, end)
        address = reverse("fault", args=[fault.pk])
        shown = page.get(address).content.decode()
        assert f'value="{day}"' in shown
        assert (f'value="{hour}' in shown) is (hour is not None)
        values = {"until_on": day, "until_hour": hour or ""}
        send_edit(page, reverse("fault-end", args=[fault.pk]), values, on=address)
        fault.refresh_from_db()
        assert fault.expected_end_at == end
        fault.delete()


def test_an_end_without_having_seen_the_fault_is_not_dropped_silently(page: Client, cabin: Cabin) -> None:
    form = {"cabin": cabin.pk, "kind": "printer", "until_on": "2026-11-25"}
    answer = page.post(reverse("fault-new"), form)
    assert answer.status_code == 422
    assert "Seule une panne constatée a une fin" in text(answer)
    assert 'value="2026-11-25"' in answer.content.decode()
    assert not Incident.objects.exists()


def test_a_fault_that_withdraws_nothing_promises_no_withdrawal(page: Client, cabin: Cabin) -> None:
    door = make_fault(cabin, IncidentKind.DOOR, TUESDAY)
    assert "jusqu’à nouvel ordre" not in text(page.get(reverse("fault", args=[door.pk])))
    printer = make_fault(cabin, IncidentKind.PRINTER, TUESDAY)
    assert "jusqu’à nouvel ordre" in text(page.get(reverse("fault", args=[printer.pk])))


def test_a_fault_says_where_the_cabin_stands_and_whom_to_ask_there(
    client: Client, commune: Commune, cabin: Cabin
) -> None:
    values = {"address": "12 rue des Lilas", "city": "Val-Clair", "contact": "Josiane, accueil"}
    Site.objects.filter(pk=cabin.site_id).update(**values)
    fault = make_fault(cabin, IncidentKind.SCANNER, TUESDAY)
    client.force_login(make_agent(commune, Role.TECHNICIAN))
    shown = text(client.get(reverse("fault", args=[fault.pk])))
    assert "12 rue des Lilas" in shown and "Val-Clair" in shown
    assert "Contact\N{NO-BREAK SPACE}: Josiane, accueil" in shown.replace(" :", "\N{NO-BREAK SPACE}:")


def test_a_fault_counts_the_visits_of_its_own_cabin(client: Client, cabin: Cabin, alice: Agent) -> None:
    commune = cabin.site.commune
    needs_it = make_service(commune, equipment_needed=[Equipment.PRINTER])
    other = make_cabin(cabin.site)
    for each, hour in ((cabin, 14), (cabin, 15), (other, 16)):
        make_appointment(each, needs_it, at(hour), with_helper=False)
    fault = make_fault(cabin, IncidentKind.PRINTER, TUESDAY)
    make_fault(other, IncidentKind.PRINTER, TUESDAY)
    client.force_login(alice)
    notice = f"{reverse('replacements-notice')}?cabin={cabin.pk}"
    assert f'hx-get="{notice}"' in client.get(reverse("fault", args=[fault.pk])).content.decode()
    assert "2 rendez-vous dans cette cabine ne peuvent pas" in text(client.get(notice))
    assert "3 rendez-vous ne peuvent pas" in text(client.get(reverse("replacements-notice")))
    assert "rendez-vous" not in text(client.get(f"{reverse('replacements-notice')}?cabin=x"))


# ---- the list draws itself again ----------------------------------------------------------------------


def asked_again(page: Client, shown: str) -> Any:
    """What the part of the page asks for by itself."""
    found = re.search(r'id="faults" hx-get="([^"]+)"', shown)
    assert found
    return page.get(html.unescape(found[1]), headers={"HX-Request": "true"})


def test_the_list_draws_itself_again_only_when_something_has_changed(page: Client, cabin: Cabin) -> None:
    make_fault(cabin, IncidentKind.PRINTER, TUESDAY)
    shown = page.get(reverse("faults")).content.decode()
    assert asked_again(page, shown).status_code == 204

    other = make_fault(cabin, IncidentKind.SCANNER, TUESDAY)
    news = asked_again(page, shown)

    assert b"<html" not in news.content
    assert "La liste des pannes a changé : 2 en cours." in text(news).replace("\N{NO-BREAK SPACE}", " ")
    assert reverse("fault", args=[other.pk]) in news.content.decode()
    assert asked_again(page, news.content.decode()).status_code == 204


@pytest.mark.parametrize("change", ["taken", "another end", "passed", "closed"])
def test_whatever_the_list_says_of_a_fault_is_news(
    page: Client, bob: Agent, cabin: Cabin, set_clock: Any, change: str
) -> None:
    make_fault(cabin, IncidentKind.PRINTER, TUESDAY, at(14))
    shown = page.get(reverse("faults")).content.decode()
    match change:
        case "taken":
            Incident.objects.update(taken_by=bob, taken_at=TUESDAY)
        case "another end":
            Incident.objects.update(expected_end_at=at(16))
        case "passed":
            set_clock(at(14, 1))
        case "closed":
            Incident.objects.update(closed_at=TUESDAY, closed_by=bob)
    assert "a changé" in text(asked_again(page, shown))


def test_without_scripts_the_list_is_a_whole_page(page: Client, cabin: Cabin) -> None:
    make_fault(cabin, IncidentKind.PRINTER, TUESDAY)
    shown = page.get(reverse("faults"), {"seen": "0"})
    assert b"<html" in shown.content
    assert "a changé" not in text(shown)


def test_the_end_of_a_fault_of_another_commune_is_read_on_its_own_clock(
    client: Client, dana: Agent, commune: Commune
) -> None:
    """Whoever looks after machines overseas works in a commune of the mainland."""
    there = make_commune(name="Saint-Denis", time_zone="Indian/Reunion", insee_code="97411")
    cabin = make_cabin(make_site(there))
    Membership.objects.create(agent=dana, commune=there, is_technician=True)
    client.force_login(dana)
    client.post(reverse("switch-commune"), {"commune": commune.pk})
    sent = {
        "cabin": cabin.pk,
        "kind": "printer",
        "seen": "on",
        "until_on": "2026-11-25",
        "until_hour": "14:00",
    }
    answer = client.post(reverse("fault-new"), sent, follow=True)
    end = Incident.objects.get().expected_end_at
    assert end and end.isoformat() == "2026-11-25T10:00:00+00:00"
    assert "à 14" in text(answer) and "à 11" not in text(answer)
    assert "à 14" in text(client.get(reverse("faults")))


def test_whoever_confirms_after_a_colleague_is_told_that_another_end_holds(
    page: Client, cabin: Cabin, alice: Agent
) -> None:
    incident = make_fault(cabin, IncidentKind.PRINTER, TUESDAY, at(17))
    sent = {"until_on": "2026-12-24"}
    said = text(page.post(reverse("fault-confirm", args=[incident.pk]), sent, follow=True))
    assert "une autre fin, qui est gardée" in said and "Panne confirmée" not in said
    new = {"cabin": cabin.pk, "kind": "printer", "seen": "on", **sent}
    assert "une autre fin, qui est gardée" in text(page.post(reverse("fault-new"), new, follow=True))
    same = {"until_on": "2026-11-24", "until_hour": "17:00"}
    said = text(page.post(reverse("fault-confirm", args=[incident.pk]), same, follow=True))
    assert "Un collègue l’a déjà confirmée." in said
    incident.refresh_from_db()
    assert incident.expected_end_at == at(17)


def test_an_end_that_is_sent_unchanged_is_not_said_to_be_changed(page: Client, cabin: Cabin) -> None:
    incident = make_fault(cabin, IncidentKind.PRINTER, TUESDAY, at(17))
    address = reverse("fault-end", args=[incident.pk])
    same = {"until_on": "2026-11-24", "until_hour": "17:00"}
    answer = send_edit(page, address, same, on=reverse("fault", args=[incident.pk]), follow=True)
    assert "C’est déjà le cas" in text(answer)


@pytest.mark.parametrize("what", ["cabin", "place"])
def test_nobody_is_asked_whether_a_retired_cabin_is_repaired(
    page: Client, cabin: Cabin, bob: Agent, alice: Agent, what: str
) -> None:
    incident = make_fault(cabin, IncidentKind.PRINTER, TUESDAY, at(9))
    desk = alice.memberships.get()
    assert [each.incident for each in faults_for(desk, TUESDAY)] == [incident]
    if what == "cabin":
        Cabin.objects.update(retired_at=at(9))
    else:
        Site.objects.update(retired_at=at(9), is_active=False)
    assert faults_for(desk, TUESDAY) == []
    ask_whether_repaired(now=TUESDAY)
    assert Incident.objects.get().asked_at is None
    assert "Réparé" not in text(page.get(reverse("faults")))
    assert reverse("fault", args=[incident.pk]) in page.get(reverse("fault-history")).content.decode()
