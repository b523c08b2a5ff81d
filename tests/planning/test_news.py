"""Helpers learn what others change for them: on their page, and by e-mail if they chose that."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from agents.actions.accounts import choose_news
from agents.models import AbsenceRequest, Agent, Shift, ShiftPattern
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from planning.actions.usual_weeks import set_pattern
from planning.models import HelperNews
from planning.tasks import each_minute, each_night, send_news
from tests.clocks import SetClock
from tests.edits import send_edit
from tests.factories import TUESDAY, at, make_agent, make_appointment, make_commune, make_resident, make_shift

pytestmark = pytest.mark.usefixtures("tuesday")

NEWS = "/equipe/nouvelles/"


def told(client: Client, agent: Agent) -> list[str]:
    client.force_login(agent)
    return [line.replace("\xa0", " ") for item in client.get(NEWS).context["news"] for line in item.lines]


def move(client: Client, shift: Shift, on: str, was: str) -> None:
    sent = {"agent": shift.agent_id, "on": on, "was_agent": shift.agent_id, "was_on": was}
    client.post(f"/equipe/presences/{shift.pk}/deplacer/", sent)


def test_who_is_moved_reads_from_where_to_where_until_they_have_read_it(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    shift = make_shift(bob, site, at(9, day=25), at(12, day=25))
    client.force_login(dana)
    move(client, shift, "2026-11-27", "2026-11-25")
    assert told(client, dana) == []
    assert told(client, bob) == [
        "Présence modifiée : mercredi 25 novembre, 9:00–12:00, Hôtel de ville"
        " → vendredi 27 novembre, 9:00–12:00, Hôtel de ville."
    ]
    client.post(f"{NEWS}lues/")
    assert told(client, bob) == []


def test_a_shift_that_changes_hands_is_told_to_both(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    camille = make_agent(commune, Role.HELPER)
    shift = make_shift(bob, site, at(9, day=25), at(12, day=25))
    client.force_login(dana)
    address = f"/equipe/presences/{shift.pk}/"
    sent = {"agent": camille.pk, "site": site.pk, "on": "2026-11-25", "starts": "09:00", "ends": "12:00"}
    send_edit(client, address, sent)
    assert [line.partition(" :")[0] for line in told(client, bob)] == ["Présence supprimée"]
    assert [line.partition(" :")[0] for line in told(client, camille)] == ["Présence ajoutée"]


def test_what_is_taken_back_at_once_is_told_to_nobody(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    shift = make_shift(bob, site, at(9, day=25), at(12, day=25))
    client.force_login(dana)
    move(client, shift, "2026-11-27", "2026-11-25")
    client.post("/equipe/annuler/")
    assert told(client, bob) == []


def test_what_one_does_oneself_and_what_is_over_is_no_news(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site
) -> None:
    boss = make_agent(commune, *Role)
    client.force_login(boss)
    own, over = make_shift(boss, site, at(9, day=25), at(12, day=25)), make_shift(bob, site, at(8), at(9))
    for shift in (own, over):
        send_edit(client, f"/equipe/presences/{shift.pk}/supprimer/", {}, on=f"/equipe/presences/{shift.pk}/")
    assert not HelperNews.objects.exists()


def test_the_answer_to_a_request_is_told_and_its_word_is_for_the_manager_alone(
    client: Client, alice: Agent, bob: Agent, dana: Agent
) -> None:
    client.force_login(bob)
    sent = {
        "kind": "leave",
        "first_on": "2026-12-01",
        "last_on": "2026-12-01",
        "comment": "Mariage de ma sœur",
    }
    client.post("/equipe/absences/demander/", sent)
    client.force_login(dana)
    assert "Mariage de ma sœur" in client.get("/equipe/absences/").content.decode()
    asked = AbsenceRequest.objects.get()
    client.post(f"/equipe/absences/demandes/{asked.pk}/", {"accept": "0"})
    assert told(client, bob) == ["Absence refusée : mardi 1er décembre."]
    asked.refresh_from_db()
    assert asked.comment == ""


def test_who_receives_an_appointment_reads_when(
    client: Client, bob: Agent, dana: Agent, commune: Commune, site: Site, cabin: Cabin, service: Service
) -> None:
    camille = make_agent(commune, Role.HELPER, skills=[service])
    make_shift(camille, site, at(9, day=25), at(12, day=25))
    resident = make_resident(commune, "+33639981234")
    make_appointment(cabin, service, at(9, day=25), helper=bob, resident=resident)
    client.force_login(dana)
    page = "/equipe/a-replacer/"
    digest = client.get(page).context["plan"].digest
    assert told(client, camille) == [], "a plan tells nobody"
    client.force_login(dana)
    client.post(page, {"plan": digest, "digest": digest, "expected": digest})
    each_minute.call()
    assert told(client, camille) == ["Rendez-vous reçu : mercredi 25 novembre à 9 h."]
    assert "Fatima" not in str(HelperNews.objects.values())


def test_who_chose_it_is_written_to_once_after_ten_minutes(
    client: Client, bob: Agent, dana: Agent, site: Site, settings: Any, set_clock: SetClock
) -> None:
    settings.SENDS_EMAIL = True
    Agent.objects.filter(pk=bob.pk).update(email="bob@example.org", email_confirmed=True)
    choose_news(agent=bob, by_email=True)
    shift = make_shift(bob, site, at(9, day=25), at(12, day=25))
    client.force_login(dana)
    move(client, shift, "2026-11-27", "2026-11-25")
    send_news.call(bob.pk)
    assert not mail.outbox
    set_clock(TUESDAY + timedelta(minutes=10))
    each_minute.call()
    send_news.call(bob.pk)
    send_news.call(bob.pk)
    (letter,) = mail.outbox
    assert letter.to == ["bob@example.org"] and "vendredi 27 novembre" in letter.body


def test_news_of_another_commune_is_not_read_here(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    other = make_commune()
    HelperNews.objects.create(
        agent=bob, commune=other, kind="rota_ends", detail={"until": "2026-12-01"}, at=TUESDAY
    )
    assert told(client, bob) == []


def test_old_news_goes(bob: Agent, commune: Commune, set_clock: SetClock) -> None:
    HelperNews.objects.create(
        agent=bob, commune=commune, kind="rota_ends", detail={"until": "2026-12-01"}, at=TUESDAY
    )
    set_clock(TUESDAY + timedelta(days=31))
    each_night.call()
    assert not HelperNews.objects.exists()


def publish_usual_week(client: Client, agent: Agent, site: Site, until: str, **changes: Any) -> None:
    pattern = ShiftPattern.objects.filter(agent=agent).first() or ShiftPattern(agent=agent, site=site)
    values = {
        "weekdays": [1, 3],
        "starts": time(9),
        "ends": time(12),
        "anchor_on": date(2026, 11, 23),
        "from_on": date(2026, 11, 23),
        **changes,
    }
    set_pattern(pattern=pattern, wanted=values)
    client.post("/equipe/semaines-types/publier/", {"until": until})


def test_a_first_publication_is_one_sentence_and_so_is_one_that_only_goes_further(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    publish_usual_week(client, bob, site, "2027-02-14")
    assert told(client, bob) == [
        "Vos présences sont publiées : 23, du jeudi 26 novembre 2026 au jeudi 11 février 2027."
    ]
    client.post(f"{NEWS}lues/")
    client.force_login(dana)
    publish_usual_week(client, bob, site, "2027-02-18")
    assert told(client, bob) == ["Vos présences sont publiées : 2, du mardi 16 février au jeudi 18 février."]


def test_what_a_publication_changes_week_after_week_is_told_in_stretches(
    client: Client, bob: Agent, dana: Agent, site: Site
) -> None:
    client.force_login(dana)
    publish_usual_week(client, bob, site, "2027-02-14")
    client.force_login(bob)
    client.post(f"{NEWS}lues/")
    client.force_login(dana)
    publish_usual_week(client, bob, site, "2027-02-14", weekdays=[3, 4], starts=time(10))
    assert told(client, bob) == [
        "Présence modifiée, jeudi, 12 fois, du 26 nov. au 11 fév. : 9:00–12:00, Hôtel de ville"
        " → 10:00–12:00, Hôtel de ville.",
        "Présence ajoutée : vendredi, 10 fois, du 27 nov. au 12 fév., 10:00–12:00, Hôtel de ville.",
        "Présence supprimée : mardi, 11 fois, du 1er déc. au 9 fév., 9:00–12:00, Hôtel de ville.",
    ]


def test_news_of_a_helper_stand_after_the_visits_of_their_day(client: Client, bob: Agent) -> None:
    client.force_login(bob)
    page = client.get("/ma-journee/").content.decode()
    assert page.index('id="my-day"') < page.index(f'hx-get="{NEWS}"')
