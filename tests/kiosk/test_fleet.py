"""The page of all screens: what is dark first, what needs watching, the rest by commune; and one screen."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership
from booking.enums import Status
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from kiosk.commands import note_done, send_command
from kiosk.enums import CommandKind
from kiosk.fleet import Filters, FleetState, plain, read_fleet
from kiosk.models import PageRelease, Screen, ScreenCommand
from kiosk.release import release
from tests.clocks import SetClock
from tests.edits import send_edit
from tests.factories import (
    at,
    make_agent,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_site,
)
from tests.kiosk.conftest import make_screen
from tests.kiosk.test_pairing import waiting_screen

pytestmark = pytest.mark.django_db

NOW = at(10, 24)
OLD = "0123456789ab"


def seen(ago_s: int = 3, **fields: Any) -> dict[str, Any]:
    return {"last_seen_at": NOW - timedelta(seconds=ago_s), "page_release": release(), **fields}


def pages(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def page(agent: Agent, name: str = "screens", *args: object, **query: str) -> str:
    response = pages(agent).get(reverse(name, args=args), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def states(communes: list[Commune], **filters: Any) -> dict[str, FleetState]:
    fleet = read_fleet(communes, Filters(**filters), NOW)
    rows = [*fleet.dark, *fleet.watched, *(row for town in fleet.towns for row in town.rows)]
    return {row.screen.name: row.state for row in rows}


def many(technician: Agent, number: int, communes: int) -> None:
    """So many screens: dark, late, with commands, in so many communes of the technician."""
    towns = [
        make_commune(slug=f"ville-{n}", insee_code=f"7649{n}", name=f"Ville {n}") for n in range(communes)
    ]
    sites = []
    for town in towns:
        Membership.objects.create(agent=technician, commune=town, is_technician=True)
        sites.append(make_site(town))
    ago = [3, 4000, None, 10]
    for n in range(number):
        site = sites[n % communes]
        fields = seen(ago[n % 4] or 0) if ago[n % 4] is not None else {}
        screen, _ = make_screen(site, make_cabin(site) if n % 3 else None, name=f"Écran {n}", **fields)
        if n % 4 == 0:
            send_command(screen=screen, kind=CommandKind.RELOAD, by=technician, now=NOW)


# ---- which is which ----


def test_what_is_dark_never_seen_late_wrong_or_well(
    set_clock: SetClock, site: Site, cabin: Cabin, commune: Commune
) -> None:
    PageRelease.objects.create(code=OLD, served_from=NOW - timedelta(days=30))
    PageRelease.objects.create(code=release(), served_from=NOW - timedelta(days=9))
    make_screen(site, cabin, name="bien", **seen())
    make_screen(site, cabin, name="muet", **seen(80))
    make_screen(site, cabin, name="jamais")
    make_screen(site, cabin, name="ancien", **seen(page_release=OLD))
    make_screen(site, cabin, name="horloge", **seen(clock_drift_s=-420))
    make_screen(site, cabin, name="presque", **seen(clock_drift_s=119))
    make_screen(site, cabin, name="erreur", **seen(last_error="TypeError live.js:1", last_error_at=at(9)))
    long_ago = NOW - timedelta(days=2)
    make_screen(site, cabin, name="guéri", **seen(last_error="TypeError live.js:1", last_error_at=long_ago))
    assert states([commune]) == {
        "muet": FleetState.OFFLINE,
        "jamais": FleetState.NEVER,
        "ancien": FleetState.WATCH,
        "horloge": FleetState.WATCH,
        "erreur": FleetState.WATCH,
        "bien": FleetState.ONLINE,
        "presque": FleetState.ONLINE,
        "guéri": FleetState.ONLINE,
    }


def test_since_when_a_screen_is_late_is_said(set_clock: SetClock, site: Site, alice: Agent) -> None:
    for code, days in ((OLD, 30), ("bbbbbbbbbbbb", 9), (release(), 2)):
        PageRelease.objects.create(code=code, served_from=NOW - timedelta(days=days))
    make_screen(site, **seen(page_release=OLD))
    assert "depuis 9 jours" in page(alice)


def test_a_screen_that_waits_for_a_new_release_for_minutes_needs_no_watching(
    set_clock: SetClock, site: Site, commune: Commune
) -> None:
    PageRelease.objects.create(code=OLD, served_from=NOW - timedelta(days=30))
    PageRelease.objects.create(code=release(), served_from=NOW - timedelta(minutes=20))
    make_screen(site, name="bientôt", **seen(page_release=OLD))
    assert states([commune]) == {"bientôt": FleetState.ONLINE}


def test_the_last_to_go_dark_stands_first(set_clock: SetClock, site: Site, commune: Commune) -> None:
    make_screen(site, name="jamais")
    for name, ago in (("vieux", 9000), ("frais", 90)):
        make_screen(site, name=name, **seen(ago))
    fleet = read_fleet([commune], Filters(), NOW)
    assert [row.screen.name for row in fleet.dark] == ["frais", "vieux", "jamais"]


# ---- search and filters ----


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"un", "deux", "trois"}),
        ({"words": "CABINE DE L'ETAGE"}, {"deux"}),
        ({"words": "centre soc"}, {"trois"}),
        ({"words": "un centre"}, set()),
        ({"state": FleetState.OFFLINE}, {"deux"}),
    ],
)
def test_search_and_filters(
    set_clock: SetClock, cabin: Cabin, upstairs: Cabin, elsewhere: Cabin, filters: Any, found: set[str]
) -> None:
    make_screen(cabin.site, cabin, name="un", **seen())
    make_screen(upstairs.site, upstairs, name="deux", **seen(100))
    make_screen(elsewhere.site, elsewhere, name="trois", **seen())
    assert set(states([cabin.site.commune], **filters)) == found


def test_a_place_is_chosen_in_the_address(
    set_clock: SetClock, cabin: Cabin, elsewhere: Cabin, alice: Agent
) -> None:
    make_screen(cabin.site, cabin, name="Borne A", **seen())
    make_screen(elsewhere.site, elsewhere, name="Borne B", **seen())
    shown = page(alice, lieu=str(elsewhere.site_id))
    assert ("Borne A" in shown, "Borne B" in shown) == (False, True)
    for nonsense in ({"lieu": "x"}, {"commune": "9" * 30}, {"etat": "<b>"}, {"q": "%" * 300}):
        page(alice, **nonsense)


def test_accents_and_capitals_do_not_matter_in_a_search() -> None:
    assert plain("Médiathèque de l’Été") == "mediatheque de l'ete"


# ---- who sees what ----


def test_a_technician_sees_all_communes_of_theirs_and_an_agent_their_own(
    set_clock: SetClock, commune: Commune, site: Site, alice: Agent
) -> None:
    technician = make_agent(commune, Role.TECHNICIAN)
    other = make_commune(slug="bellerive", insee_code="76095", name="Bellerive")
    Membership.objects.create(agent=technician, commune=other, is_technician=True)
    third = make_commune(slug="montbrac", insee_code="76100", name="Montbrac")
    for name, place in (("Borne A", site), ("Borne B", make_site(other)), ("Borne C", make_site(third))):
        make_screen(place, name=name, **seen())
    shown = page(technician)
    assert ["Borne A" in shown, "Borne B" in shown, "Borne C" in shown] == [True, True, False]
    assert "dans 2 communes" in shown
    assert shown.count('class="town"') == 2
    shown = page(alice)
    assert ["Borne A" in shown, "Borne B" in shown, "Borne C" in shown] == [True, False, False]


def test_no_resident_is_named_to_a_technician(
    set_clock: SetClock, commune: Commune, cabin: Cabin, service: Service
) -> None:
    technician = make_agent(commune, Role.TECHNICIAN)
    screen, _ = make_screen(cabin.site, cabin, **seen(version_shown=1))
    visit = make_appointment(cabin, service, at(10), resident=make_resident(commune), number="482913")
    visit.status, visit.started_at = Status.IN_SESSION, at(10)
    visit.save()
    for shown in (page(technician), page(technician, "screen-state", screen.pk)):
        assert "Fatima" not in shown
        assert "482" not in shown
        assert service.name not in shown
    assert "rendez-vous en cours" in shown


def test_without_a_screen_the_page_says_how_to_begin(set_clock: SetClock, alice: Agent) -> None:
    shown = page(alice)
    assert "Aucun écran" in shown
    assert "/ecran/" in shown


def test_what_to_check_and_whom_to_phone(set_clock: SetClock, site: Site, alice: Agent) -> None:
    Site.objects.update(phone="+33536490012")
    make_screen(site, **seen(600))
    shown = page(alice)
    assert "Que vérifier" in shown
    assert "tel:+33536490012" in shown


def test_what_a_dark_screen_does_not_show_is_counted(
    set_clock: SetClock, cabin: Cabin, upstairs: Cabin, service: Service, alice: Agent
) -> None:
    make_screen(cabin.site, cabin, name="Borne A", **seen(600))
    make_screen(upstairs.site, upstairs, name="Borne B", **seen(600))
    make_screen(upstairs.site, name="Hall", **seen(600))
    make_appointment(cabin, service, at(9))
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION, started_at=at(10))
    make_appointment(cabin, service, at(15))
    make_appointment(cabin, service, at(16), status=Status.CANCELLED)
    make_appointment(cabin, service, at(9, day=25))
    shown = page(alice)
    assert shown.count("2 rendez-vous ici aujourd’hui, prochain à 15:00") == 2
    assert shown.count("plus de rendez-vous ici aujourd’hui") == 1


def test_every_button_of_the_rows_is_explained(alice: Agent, site: Site, set_clock: SetClock) -> None:
    set_clock(NOW)
    make_screen(site, name="vu", **seen())
    make_screen(site, name="noir", **seen(3600))
    make_screen(site, name="jamais", last_seen_at=None)
    html = page(alice)
    rows, _, explained = html.partition('id="what-buttons-do"')
    labels = set(re.findall(r">([^<>]+)<span class=\"visually-hidden\">[^<]*</span></(?:a|button)>", rows))
    shown = {"Identifier", "Recharger", "Remplacer", "Nouveau code", "Retirer"}
    assert shown <= {label.strip() for label in labels}
    assert shown <= set(re.findall(r"<dt>([^<]+)</dt>", explained))


@pytest.mark.parametrize("name", ["screens", "part"])
def test_the_queries_do_not_grow_with_the_screens(
    set_clock: SetClock, commune: Commune, django_assert_max_num_queries: Callable[..., Any], name: str
) -> None:
    counts = []
    for number, communes in ((4, 1), (40, 7)):
        Screen.objects.all().delete()
        Commune.objects.exclude(pk=commune.pk).delete()
        technician = make_agent(commune, Role.TECHNICIAN)
        many(technician, number, communes)
        client = pages(technician)
        headers = {"HX-Request": "true"} if name == "part" else {}
        client.get(reverse("screens"), headers=headers)
        with django_assert_max_num_queries(100) as queries:
            response = client.get(reverse("screens"), headers=headers)
        assert response.content.decode().count('<li id="screen-') == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= MOST[name], "\n".join(query["sql"] for query in queries.captured_queries)


MOST = {"screens": 8, "part": 8}
"""With those for the session and for the agent's memberships."""


# ---- what is asked ----


def test_what_was_asked_and_what_became_of_it_is_said(set_clock: SetClock, site: Site, alice: Agent) -> None:
    screen, _ = make_screen(site, **seen())
    pages(alice).post(reverse("screen-identify", args=[screen.pk]))
    assert "demandé à 10:24, attend que personne ne l’utilise" in page(alice)
    note_done(screen=screen, ids=[ScreenCommand.objects.get().pk], now=at(10, 25))
    assert "fait à 10:25" in page(alice)
    assert "fait à 10:25" in page(alice, "screen-state", screen.pk)


def test_a_screen_that_went_dark_just_after_is_said_to_have_not_answered(
    set_clock: SetClock, site: Site, alice: Agent
) -> None:
    screen, _ = make_screen(site, **seen())
    pages(alice).post(reverse("screen-identify", args=[screen.pk]))
    set_clock(at(10, 30))
    assert "L’écran est hors ligne : la demande expire à 10:39" in page(alice)
    set_clock(at(10, 40))
    assert "aucune réponse avant 10:39" in page(alice)


def test_nothing_is_offered_to_a_screen_that_is_offline(
    set_clock: SetClock, site: Site, alice: Agent
) -> None:
    screen, _ = make_screen(site, **seen(600))
    for shown in (page(alice), page(alice, "screen-state", screen.pk)):
        for name in ("identify", "reload", "sound", "message"):
            assert reverse(f"screen-{name}", args=[screen.pk]) not in shown
        assert reverse("screen-replace", args=[screen.pk]) in shown
    assert f'value="{screen.pk}" id="tick' not in page(alice)
    for name in ("identify", "reload", "sound"):
        pages(alice).post(reverse(f"screen-{name}", args=[screen.pk]))
    pages(alice).post(reverse("screen-message", args=[screen.pk]), {"text": "Travaux"})
    assert not ScreenCommand.objects.exists()


def test_ticked_screens_reload_and_the_list_keeps_its_filters(
    set_clock: SetClock, site: Site, cabin: Cabin, alice: Agent
) -> None:
    first, _ = make_screen(site, **seen())
    second, _ = make_screen(site, cabin, **seen())
    make_screen(site, **seen())
    dark, _ = make_screen(site, **seen(600))
    ticked = [str(first.pk), str(second.pk), str(dark.pk), "x", "9" * 40]
    response = pages(alice).post(
        reverse("screens-reload"), {"screen": ticked, "back": f"lieu={site.pk}&evil=1"}
    )
    assert response.headers["Location"] == f"{reverse('screens')}?lieu={site.pk}"
    asked = ScreenCommand.objects.order_by("screen")
    assert [each.screen for each in asked] == [first, second]


def test_a_screen_of_another_commune_is_out_of_reach(
    set_clock: SetClock, commune: Commune, alice: Agent
) -> None:
    other = make_commune(slug="bellerive", insee_code="76095", name="Bellerive")
    theirs, _ = make_screen(make_site(other), **seen())
    for name in ("identify", "reload", "sound", "message", "replace"):
        response = pages(alice).post(
            reverse(f"screen-{name}", args=[theirs.pk]), {"text": "x", "code": "AAAAAA"}
        )
        assert response.status_code == 404
    pages(alice).post(reverse("screens-reload"), {"screen": [str(theirs.pk)]})
    command = send_command(screen=theirs, kind=CommandKind.MESSAGE, by=alice, now=NOW, text="Travaux")
    assert pages(alice).post(reverse("screen-take-back", args=[command.pk])).status_code == 404
    assert ScreenCommand.objects.get() == command


def test_a_message_is_shown_and_taken_back_from_the_page(
    set_clock: SetClock, site: Site, alice: Agent, dana: Agent
) -> None:
    screen, kiosk = make_screen(site, **seen())
    fields = {"text": "Imprimante en réparation", "until": "18:00"}
    pages(alice).post(reverse("screen-message", args=[screen.pk]), fields)
    command = ScreenCommand.objects.get()
    assert (command.expires_at, command.asked_by) == (at(18), alice)
    assert "Imprimante en réparation" in kiosk.get(reverse("screen")).content.decode()
    assert "jusqu’à 18" in page(alice, "screen-state", screen.pk)
    pages(dana).post(reverse("screen-take-back", args=[command.pk]))
    assert "Imprimante" not in kiosk.get(reverse("screen")).content.decode()
    shown = page(alice, "screen-state", screen.pk)
    assert "annulé par Dana" in shown


def test_an_hour_that_has_passed_is_refused_next_to_its_field(
    set_clock: SetClock, site: Site, alice: Agent
) -> None:
    screen, _ = make_screen(site, **seen())
    response = pages(alice).post(
        reverse("screen-message", args=[screen.pk]), {"text": "Travaux", "until": "09:00"}
    )
    assert response.status_code == 422
    assert "déjà passée" in response.content.decode()
    assert not ScreenCommand.objects.exists()


def test_another_device_is_paired_from_the_page_and_keeps_the_history(
    set_clock: SetClock, site: Site, alice: Agent
) -> None:
    screen, old = make_screen(site, name="Borne 12", **seen())
    client, code = waiting_screen()
    response = pages(alice).post(reverse("screen-replace", args=[screen.pk]), {"code": code})
    assert response.headers["Location"] == reverse("screen-state", args=[screen.pk])
    assert old.get(reverse("screen-board")).status_code == 401
    assert client.get(reverse("screen-board")).status_code == 200
    assert "Appareil remplacé" in page(alice, "screen-state", screen.pk)


def test_a_wrong_code_is_refused_next_to_its_field(set_clock: SetClock, site: Site, alice: Agent) -> None:
    screen, old = make_screen(site, **seen())
    response = pages(alice).post(reverse("screen-replace", args=[screen.pk]), {"code": "AAA AAA"})
    assert response.status_code == 422
    assert "Aucun écran n’affiche ce code" in response.content.decode()
    assert old.get(reverse("screen-board")).status_code == 200


def test_all_that_is_known_stands_on_the_page_of_the_screen(
    set_clock: SetClock, site: Site, alice: Agent
) -> None:
    fields: dict[str, Any] = {
        "browser": "Chromium 140",
        "window_size": "1920x1080",
        "page_opened_at": at(3, 5),
        "clock_drift_s": 420,
        "last_error": "TypeError live.js:12",
        "last_error_at": at(9, 5),
        "version_shown": 3,
    }
    screen, _ = make_screen(site, **seen(**fields))
    shown = page(alice, "screen-state", screen.pk)
    for words in ("Chromium 140", "1920 × 1080", "depuis 3:05", "retard de 7 min", "live.js:12", "à 9:05"):
        assert words in shown


def test_who_changed_and_who_revoked_a_screen_is_kept(
    set_clock: SetClock, site: Site, alice: Agent, dana: Agent
) -> None:
    screen, _ = make_screen(site, **seen())
    fields = {"name": "Borne 13", "place": f"site-{site.pk}", "theme": "dark"}
    send_edit(pages(alice), reverse("screen-edit", args=[screen.pk]), fields)
    pages(dana).post(reverse("screen-revoke", args=[screen.pk]))
    acts = ScreenCommand.objects.order_by("id").values_list("kind", "asked_by")
    assert list(acts) == [(CommandKind.CHANGED, alice.pk), (CommandKind.REVOKED, dana.pk)]
