"""A screen is paired by a code; its token gives access to its own site until it is revoked."""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from communes.models import Cabin, Site
from kiosk.models import PairingCode, Screen
from kiosk.pairing import ALPHABET, CODE_LIFE, CODES_PER_AGENT
from kiosk.requests import CODE_COOKIE, COOKIE
from tests.clocks import SetClock
from tests.edits import send_edit
from tests.factories import TUESDAY, at, make_cabin, make_commune, make_site
from tests.kiosk.conftest import browser, make_screen

pytestmark = pytest.mark.django_db


def shown_on(client: Client) -> str:
    page = client.get("/ecran/").content.decode()
    shown = re.search(r'class="code"[^>]*>([A-Z0-9]{3}) ([A-Z0-9]{3})<', page)
    assert shown, page
    return shown[1] + shown[2]


def asks(client: Client) -> bool:
    """What the script of the page does every three seconds; whether it is told to load anew."""
    told: dict[str, bool] = client.get(reverse("screen-pairing")).json()
    return told["reload"]


def waiting_screen() -> tuple[Client, str]:
    """A browser that shows the pairing page and has asked once, and its code."""
    client = browser()
    code = shown_on(client)
    assert not asks(client)
    return client, code


def pair(agent: Agent, code: str, place: str) -> int:
    """As an agent types it; the status of the answer."""
    client = Client()
    client.force_login(agent)
    return client.post(reverse("screen-add"), {"code": code, "place": place, "name": ""}).status_code


def test_a_new_screen_shows_a_code_that_nobody_misreads(set_clock: SetClock) -> None:
    _, code = waiting_screen()
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IL2Z5S8B")


def test_the_secret_is_out_of_reach_of_scripts_and_of_other_pages(set_clock: SetClock) -> None:
    client, _ = waiting_screen()
    for name in (COOKIE, CODE_COOKIE):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/ecran/")
    assert len(client.cookies[COOKIE].value) >= 43


def test_only_a_hash_of_the_secret_is_kept(set_clock: SetClock, alice: Agent, cabin: Cabin) -> None:
    client, code = waiting_screen()
    pair(alice, code, f"cabin-{cabin.pk}")
    token = client.cookies[COOKIE].value
    row = Screen.objects.values().get()
    assert token not in map(str, row.values())
    assert row["token_hash"] == Screen.hash(token)


def test_the_code_turns_the_screen_into_the_board_of_the_cabin(
    set_clock: SetClock, alice: Agent, cabin: Cabin
) -> None:
    client, code = waiting_screen()
    assert client.get(reverse("screen-pairing")).json() == {"reload": False}
    pair(alice, f" {code[:3].lower()} {code[3:]}", f"cabin-{cabin.pk}")
    assert client.get(reverse("screen-pairing")).json() == {"reload": True}
    page = client.get("/ecran/").content.decode()
    assert "Cabine du hall" in page
    assert Screen.objects.get().cabin == cabin


def test_a_hall_screen_has_no_cabin(set_clock: SetClock, alice: Agent, site: Site) -> None:
    _, code = waiting_screen()
    pair(alice, code, f"site-{site.pk}")
    assert Screen.objects.get().cabin is None


def test_the_same_browser_keeps_its_code_until_it_expires(set_clock: SetClock) -> None:
    client, code = waiting_screen()
    again = client.get("/ecran/").content.decode()
    assert f"{code[:3]} {code[3:]}" in again
    set_clock(at(10, 35))
    assert client.get(reverse("screen-pairing")).json() == {"reload": True}
    assert f"{code[:3]} {code[3:]}" not in client.get("/ecran/").content.decode()


def test_an_expired_code_pairs_nothing(set_clock: SetClock, alice: Agent, cabin: Cabin) -> None:
    _, code = waiting_screen()
    set_clock(at(10, 35))
    pair(alice, code, f"cabin-{cabin.pk}")
    assert not Screen.objects.exists()


def test_a_code_pairs_once(set_clock: SetClock, alice: Agent, cabin: Cabin) -> None:
    _, code = waiting_screen()
    pair(alice, code, f"cabin-{cabin.pk}")
    pair(alice, code, f"cabin-{cabin.pk}")
    assert Screen.objects.count() == 1


def test_guessed_codes_are_refused_after_ten_even_when_right(
    set_clock: SetClock, alice: Agent, dana: Agent, cabin: Cabin
) -> None:
    _, code = waiting_screen()
    for n in range(CODES_PER_AGENT):
        pair(alice, f"AAAA{ALPHABET[n]}{ALPHABET[n]}", f"cabin-{cabin.pk}")
    pair(alice, code, f"cabin-{cabin.pk}")
    assert not Screen.objects.exists()
    pair(dana, code, f"cabin-{cabin.pk}")
    assert Screen.objects.exists()


def test_guessing_is_forgiven_after_ten_minutes(set_clock: SetClock, alice: Agent, cabin: Cabin) -> None:
    for n in range(CODES_PER_AGENT + 1):
        pair(alice, f"AAAA{ALPHABET[n]}A", f"cabin-{cabin.pk}")
    set_clock(at(10, 40))
    _, code = waiting_screen()
    pair(alice, code, f"cabin-{cabin.pk}")
    assert Screen.objects.exists()


def test_a_place_of_another_commune_cannot_be_chosen(set_clock: SetClock, alice: Agent) -> None:
    _, code = waiting_screen()
    foreign = make_cabin(make_site(make_commune(name="Rouen")))
    pair(alice, code, f"cabin-{foreign.pk}")
    assert not Screen.objects.exists()


def test_where_there_are_several_places_one_is_chosen_and_none_assumed(
    set_clock: SetClock, alice: Agent, cabin: Cabin
) -> None:
    client = Client()
    client.force_login(alice)
    assert '<option value="" selected>' in client.get(reverse("screen-add")).content.decode()
    _, code = waiting_screen()
    pair(alice, code, "")
    assert not Screen.objects.exists()


def test_helpers_do_not_pair(set_clock: SetClock, bob: Agent) -> None:
    client = Client()
    client.force_login(bob)
    assert client.get(reverse("screen-add")).status_code == 404


def crowd(number: int, *, seen_at: datetime) -> None:
    """Strangers who have asked for a code each."""
    PairingCode.objects.bulk_create(
        PairingCode(
            code=f"{PairingCode.objects.count() + n:06}",
            claim_hash=secrets.token_hex(),
            seen_at=seen_at,
            expires_at=seen_at + CODE_LIFE,
        )
        for n in range(number)
    )


def test_opening_the_page_writes_nothing(set_clock: SetClock) -> None:
    for _ in range(300):
        assert browser().get("/ecran/").status_code == 200
    assert not PairingCode.objects.exists()
    assert not Session.objects.exists()


def test_a_code_can_be_typed_once_its_screen_has_asked(
    set_clock: SetClock, alice: Agent, cabin: Cabin
) -> None:
    client = browser()
    code = shown_on(client)
    pair(alice, code, f"cabin-{cabin.pk}")
    assert not Screen.objects.exists()
    assert not asks(client)
    pair(alice, code, f"cabin-{cabin.pk}")
    assert Screen.objects.exists()


def test_a_new_screen_pairs_however_many_strangers_wait(
    set_clock: SetClock, alice: Agent, cabin: Cabin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.pairing.MOST_WAITING", 50)
    crowd(50, seen_at=at(10, 20))
    client, code = waiting_screen()
    assert PairingCode.objects.count() == 50
    pair(alice, code, f"cabin-{cabin.pk}")
    assert asks(client)
    assert "Cabine du hall" in client.get("/ecran/").content.decode()


def test_strangers_who_come_do_not_push_out_a_screen_that_goes_on_asking(
    set_clock: SetClock, alice: Agent, cabin: Cabin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.pairing.MOST_WAITING", 50)
    client, code = waiting_screen()
    for second in range(3, 300, 3):
        set_clock(at(10, 24) + timedelta(seconds=second))
        waiting_screen()
        assert not asks(client)
    assert PairingCode.objects.count() == 50
    pair(alice, code, f"cabin-{cabin.pk}")
    assert Screen.objects.exists()


def test_a_screen_that_was_pushed_out_is_back_with_its_code_when_it_asks_next(
    set_clock: SetClock, alice: Agent, cabin: Cabin
) -> None:
    client, code = waiting_screen()
    PairingCode.objects.all().delete()
    assert not asks(client)
    assert shown_on(client) == code
    pair(alice, code, f"cabin-{cabin.pk}")
    assert Screen.objects.exists()


def test_a_code_is_good_with_its_own_secret_only_and_cannot_be_made_up(set_clock: SetClock) -> None:
    victim, code = waiting_screen()
    thief = browser()
    own = shown_on(thief)
    PairingCode.objects.all().delete()
    for value in (victim.cookies[CODE_COOKIE].value, code, "x:y:z", ""):
        thief.cookies[CODE_COOKIE] = value
        assert asks(thief)
        assert not PairingCode.objects.exists()
    assert shown_on(thief) not in (code, own)


def test_a_code_that_another_screen_has_is_changed(set_clock: SetClock) -> None:
    client = browser()
    code = shown_on(client)
    PairingCode.objects.create(code=code, claim_hash="0" * 64, seen_at=at(10, 24), expires_at=at(10, 34))
    assert asks(client)
    assert shown_on(client) != code
    assert not asks(client)
    assert PairingCode.objects.get(code=code).claim_hash == "0" * 64


def test_a_page_that_asks_late_does_not_make_a_paired_screen_wait_again(
    set_clock: SetClock, alice: Agent, cabin: Cabin
) -> None:
    client, code = waiting_screen()
    row = PairingCode.objects.get()
    pair(alice, code, f"cabin-{cabin.pk}")
    assert asks(client)
    assert not PairingCode.objects.exists()
    # Had it asked at the very moment of the pairing:
    row.pk = None
    row.save(force_insert=True)
    assert pair(alice, code, f"cabin-{cabin.pk}") == 422
    assert Screen.objects.count() == 1


def test_a_browser_that_keeps_no_cookies_is_told_to_load_anew_and_leaves_nothing(set_clock: SetClock) -> None:
    assert asks(browser())
    assert not PairingCode.objects.exists()


SCREEN_URLS = [
    ("get", "/ecran/tableau/"),
    ("get", "/ecran/flux/"),
    ("get", "/ecran/arrivee/"),
    ("post", "/ecran/arrivee/nom/"),
    ("post", "/ecran/arrivee/numero/"),
    ("post", "/ecran/arrivee/annuler/"),
    ("post", "/ecran/arrivee/1/tour/"),
    ("post", "/ecran/arrivees/"),
    ("post", "/ecran/aide/"),
    ("post", "/ecran/aide/fin/"),
    ("get", "/ecran/cabine/"),
    ("get", "/ecran/cabine/1/"),
    ("post", "/ecran/cabine/1/plus-tard/"),
    ("get", "/ecran/numero/"),
    ("post", "/ecran/numero/"),
    ("post", "/ecran/seance/1/fin/"),
    ("post", "/ecran/seance/1/plus/"),
    ("post", "/ecran/avis/"),
    ("get", "/ecran/langues/"),
    ("get", "/ecran/panne/"),
    ("post", "/ecran/panne/"),
]


@pytest.mark.parametrize(("method", "url"), SCREEN_URLS)
def test_nothing_opens_without_a_valid_token(
    method: str, url: str, set_clock: SetClock, site: Site, cabin: Cabin
) -> None:
    revoked, gone = make_screen(site, cabin)
    Screen.objects.filter(pk=revoked.pk).update(revoked_at=TUESDAY)
    for client in (browser(), browser("A" * 43), browser(revoked.token_hash), gone):
        response = getattr(client, method)(url)
        assert (response.status_code, response.content) == (401, b"")


def test_every_url_of_a_screen_is_in_that_test() -> None:
    from kiosk.urls import urlpatterns

    open_to_all = {"screen", "screen-pairing", "screen-worker", "screen-manifest"}
    guarded = {
        f"/{pattern.pattern}".replace("<int:pk>", "1")
        for pattern in urlpatterns
        if str(pattern.pattern).startswith("ecran/") and pattern.name not in open_to_all
    }
    assert guarded == {url for _, url in SCREEN_URLS}


def test_revoking_works_at_once_and_the_screen_shows_a_new_code(
    screen: Screen, kiosk: Client, alice: Agent, site: Site
) -> None:
    before = Site.objects.get(pk=site.pk).version
    token = kiosk.cookies[COOKIE].value
    agent = Client()
    agent.force_login(alice)
    agent.post(reverse("screen-revoke", args=[screen.pk]))
    assert Site.objects.get(pk=site.pk).version > before
    assert kiosk.get(reverse("screen-board")).status_code == 401
    page = kiosk.get("/ecran/")
    assert b'class="code"' in page.content
    assert kiosk.cookies[COOKIE].value != token


def test_a_screen_of_a_closed_down_site_opens_nothing(kiosk: Client, site: Site) -> None:
    Site.objects.filter(pk=site.pk).update(is_active=False)
    assert kiosk.get(reverse("screen-board")).status_code == 401


def test_agents_of_another_commune_see_and_change_nothing(screen: Screen, charlie: Agent) -> None:
    client = Client()
    client.force_login(charlie)
    assert screen.name not in client.get(reverse("screens")).content.decode()
    assert client.get(reverse("screen-edit", args=[screen.pk])).status_code == 404
    assert client.post(reverse("screen-revoke", args=[screen.pk])).status_code == 404
    screen.refresh_from_db()
    assert screen.revoked_at is None


def test_a_screen_can_be_renamed_and_moved_to_another_site(
    screen: Screen, kiosk: Client, alice: Agent, elsewhere: Cabin
) -> None:
    sites = [screen.site_id, elsewhere.site_id]
    before = dict(Site.objects.filter(pk__in=sites).values_list("pk", "version"))
    agent = Client()
    agent.force_login(alice)
    send_edit(
        agent,
        reverse("screen-edit", args=[screen.pk]),
        {"name": "Tablette", "place": f"cabin-{elsewhere.pk}", "theme": "light"},
    )
    screen.refresh_from_db()
    assert (screen.name, screen.site, screen.cabin) == ("Tablette", elsewhere.site, elsewhere)
    after = dict(Site.objects.filter(pk__in=sites).values_list("pk", "version"))
    assert all(after[pk] > before[pk] for pk in sites)
    assert "Centre social" in kiosk.get(reverse("screen-board")).content.decode()


def test_the_list_says_since_when_a_screen_is_gone(
    screen: Screen, kiosk: Client, alice: Agent, set_clock: SetClock
) -> None:
    kiosk.get(reverse("screen-board"))
    agent = Client()
    agent.force_login(alice)
    assert "en ligne" in agent.get(reverse("screens")).content.decode()
    set_clock(at(11))
    page = agent.get(reverse("screens")).content.decode()
    assert "hors ligne" in page
    assert "10:24" in page


@pytest.mark.usefixtures("tuesday")
def test_pages_say_the_whole_address_that_a_screen_opens(client: Client, dana: Agent, settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://permanence.example"
    client.force_login(dana)
    for page in ("opening", "screens"):
        assert "https://permanence.example/ecran/" in client.get(reverse(page)).content.decode()


@pytest.mark.usefixtures("tuesday")
def test_a_screen_just_paired_is_not_called_offline(client: Client, dana: Agent, site: Site) -> None:
    screen, _ = make_screen(site)
    Screen.objects.update(last_seen_at=None)
    client.force_login(dana)
    page = client.get(reverse("opening")).content.decode()
    assert "associé, pas encore vu" in page and "hors ligne" not in page
    Screen.objects.filter(pk=screen.pk).update(last_seen_at=TUESDAY - timedelta(days=2))
    assert "hors ligne" in client.get(reverse("opening")).content.decode()
