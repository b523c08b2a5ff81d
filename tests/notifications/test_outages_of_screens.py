"""Screens that go dark: told once while their place is open, never at night, and once when they are back."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from agents.models import Agent
from communes.enums import IncidentKind, IncidentStepKind
from communes.incident_actions import close_fault, take_fault
from communes.models import Commune, Incident, IncidentStep, Site
from core.roles import Role
from kiosk.digest import send_digests
from kiosk.models import Screen, ScreenOutage
from kiosk.outages import BREAK, months_online, open_time, watch_screens
from kiosk.pairing import revoke_screen
from notifications.models import Message
from notifications.sending.plan_faults import plan_faults
from tests.factories import TUESDAY, at, make_agent, make_cabin, make_commune, make_site
from tests.kiosk.conftest import make_screen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulated")]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOURS = "Mo-Fr 09:00-12:00,14:00-17:00"


@pytest.fixture
def place(commune: Commune) -> Site:
    return make_site(commune, opening_hours=HOURS, short_name="Verlaine")


@pytest.fixture
def dark(place: Site, tuesday: datetime) -> Screen:
    """Seen at ten, and not since."""
    watch_screens(now=at(9, 58))
    return make_screen(place, make_cabin(place), name="Borne 12", last_seen_at=at(10))[0]


@pytest.fixture
def theo(commune: Commune) -> Agent:
    return make_agent(
        commune, Role.TECHNICIAN, username="theo", email="theo@example.fr", email_confirmed=True
    )


def pass_minutes(start: datetime, end: datetime) -> None:
    now = start
    while now <= end:
        watch_screens(now=now)
        plan_faults(now=now)
        now += MINUTE


def told() -> list[tuple[str, datetime]]:
    return [(step.kind, step.at) for step in IncidentStep.objects.order_by("at", "pk")]


def test_after_ten_opening_minutes_technicians_are_told_once(dark: Screen, theo: Agent, dana: Agent) -> None:
    dana.email, dana.email_confirmed = "dana@example.fr", True
    dana.save()
    pass_minutes(at(9, 59), at(11, 30))
    incident = Incident.objects.get()
    assert (incident.kind, incident.about, incident.opened_at) == (IncidentKind.OFFLINE, "Borne 12", at(10))
    assert told() == [(IncidentStepKind.CONFIRMED, at(10, 10))]
    message = Message.objects.get()
    assert message.recipient == "theo@example.fr", "managers only where there is no technician"
    assert "Borne 12" in message.text and "Verlaine" in message.text and "10" in message.text


def test_managers_are_told_where_there_is_no_technician(dark: Screen, dana: Agent) -> None:
    dana.email, dana.email_confirmed = "dana@example.fr", True
    dana.save()
    pass_minutes(at(9, 59), at(10, 12))
    assert Message.objects.get().recipient == "dana@example.fr"


def test_it_is_told_once_when_it_is_back_and_how_long_that_was(dark: Screen, theo: Agent) -> None:
    pass_minutes(at(9, 59), at(11, 8))
    Screen.objects.update(last_seen_at=at(11, 8))
    pass_minutes(at(11, 8), at(11, 9))
    assert [kind for kind, _at in told()] == [IncidentStepKind.CONFIRMED, IncidentStepKind.CLOSED]
    text = Message.objects.order_by("pk")[1].text.replace("\xa0", " ")
    assert "répond à nouveau" in text and "1 h 08" in text
    assert ScreenOutage.objects.get().ended_at == at(11, 8)


def test_a_short_cut_is_kept_and_not_told(dark: Screen) -> None:
    pass_minutes(at(9, 59), at(10, 8))
    Screen.objects.update(last_seen_at=at(10, 8))
    pass_minutes(at(10, 8), at(10, 9))
    outage = ScreenOutage.objects.get()
    assert (outage.began_at, outage.ended_at, outage.incident) == (at(10), at(10, 8), None)
    assert not Incident.objects.exists()


def test_who_takes_care_of_it_silences_it_but_for_its_return(dark: Screen, theo: Agent) -> None:
    pass_minutes(at(9, 59), at(10, 12))
    other = make_agent(
        theo.communes.get(), Role.TECHNICIAN, username="ines", email="i@example.fr", email_confirmed=True
    )
    take_fault(incident=Incident.objects.get(), by=theo, now=at(10, 13))
    pass_minutes(at(10, 13), at(11, 30))
    assert Message.objects.count() == 1
    Screen.objects.update(last_seen_at=at(11, 30))
    pass_minutes(at(11, 30), at(11, 31))
    assert Message.objects.filter(recipient=other.email).count() == 1


def test_closed_by_hand_it_is_not_told_again_while_it_stays_dark(dark: Screen, theo: Agent) -> None:
    pass_minutes(at(9, 59), at(10, 12))
    close_fault(incident=Incident.objects.get(), by=theo, now=at(10, 15))
    pass_minutes(at(10, 15), at(11, 30))
    assert Incident.objects.count() == 1


def test_of_a_revoked_screen_or_a_retired_place_nobody_hears_that_it_answers_again(
    place: Site, dark: Screen, theo: Agent
) -> None:
    pass_minutes(at(9, 59), at(10, 12))
    revoke_screen(screen=dark, by=theo, now=at(10, 15))
    make_screen(place, make_cabin(place), name="autre", last_seen_at=at(10, 15))
    pass_minutes(at(10, 16), at(10, 40))
    Site.objects.filter(pk=place.pk).update(is_active=False, retired_at=at(10, 41))
    pass_minutes(at(10, 41), at(10, 45))
    assert not Incident.objects.open().exists()
    assert [kind for kind, _at in told()].count(IncidentStepKind.CLOSED) == 2
    assert not [each for each in Message.objects.all() if "répond à nouveau" in each.text]


def test_a_screen_that_comes_and_goes_is_told_of_once_an_hour(dark: Screen, theo: Agent) -> None:
    now = at(10)
    while now < at(12):
        minute = int((now - at(10)) / MINUTE) % 14
        if minute >= 12:  # two minutes there, twelve dark
            Screen.objects.update(last_seen_at=now)
        watch_screens(now=now)
        plan_faults(now=now)
        now += MINUTE
    kinds = [kind for kind, _at in told()]
    assert kinds.count(IncidentStepKind.CONFIRMED) == 2
    assert Message.objects.count() == len(kinds) <= 4


def test_two_workers_that_look_at_once_tell_once(dark: Screen, theo: Agent) -> None:
    for minute in range(15):
        now = at(10) + minute * MINUTE
        watch_screens(now=now)
        watch_screens(now=now)
        plan_faults(now=now)
    assert ScreenOutage.objects.count() == Incident.objects.count() == Message.objects.count() == 1


def test_at_night_nothing_leaves_and_in_the_morning_after_ten_minutes(dark: Screen, theo: Agent) -> None:
    Screen.objects.update(last_seen_at=at(20))
    watch_screens(now=at(19, 58))
    pass_minutes(at(19, 59), at(9, 9, day=25))
    assert ScreenOutage.objects.get().began_at == at(20) and not Incident.objects.exists()
    pass_minutes(at(9, 10, day=25), at(9, 30, day=25))
    assert told() == [(IncidentStepKind.CONFIRMED, at(9, 10, day=25))]


def test_what_comes_back_after_closing_is_told_at_the_next_opening(dark: Screen, theo: Agent) -> None:
    Screen.objects.update(last_seen_at=at(16, 40))
    watch_screens(now=at(16, 39))
    pass_minutes(at(16, 40), at(18))
    Screen.objects.update(last_seen_at=at(18))
    watch_screens(now=at(18))
    now = at(18, 1)
    while now < at(9, 3, day=25):
        Screen.objects.update(last_seen_at=now)
        watch_screens(now=now)
        now += MINUTE
    assert told() == [
        (IncidentStepKind.CONFIRMED, at(16, 50)),
        (IncidentStepKind.CLOSED, at(9, day=25)),
    ]


def test_a_server_that_was_away_has_not_made_its_screens_dark(dark: Screen) -> None:
    watch_screens(now=at(10))
    for minutes in range(3):  # the worker is back after half an hour; screens come back in a minute
        watch_screens(now=at(10, 30) + minutes * timedelta(seconds=30))
    assert not ScreenOutage.objects.exists()
    pass_minutes(at(10, 32), at(10, 50))
    outage = ScreenOutage.objects.get()
    assert outage.began_at == at(10, 30), "it counts from when it could be heard"
    assert told()[0][1] == at(10, 40)


def test_a_screen_that_was_never_seen_a_revoked_one_and_a_commune_that_wants_no_alert(
    place: Site, dark: Screen, theo: Agent
) -> None:
    make_screen(place, name="jamais vue")
    pass_minutes(at(9, 59), at(10, 5))
    revoke_screen(screen=dark, by=theo, now=at(10, 5))
    other = make_commune(dark_screen_min=0)
    silent = make_site(other, opening_hours=HOURS)
    make_screen(silent, name="sans alerte", last_seen_at=at(10, 5))
    pass_minutes(at(10, 6), at(11, 30))
    assert not Incident.objects.exists()
    assert [(each.screen.name, each.ended_at) for each in ScreenOutage.objects.order_by("began_at")] == [
        ("Borne 12", at(10, 5)),
        ("sans alerte", None),
    ]


def test_the_screen_of_a_hall_and_two_of_one_cabin_have_each_their_own_alert(
    client: Client, place: Site, dark: Screen, dana: Agent
) -> None:
    make_screen(place, None, name="Hall", last_seen_at=at(10))
    make_screen(place, dark.cabin, name="Borne 13", last_seen_at=at(10))
    pass_minutes(at(9, 59), at(10, 30))
    assert sorted(Incident.objects.values_list("about", flat=True)) == ["Borne 12", "Borne 13", "Hall"]
    client.force_login(dana)
    page = client.get("/pannes/").content.decode()
    assert "Hall" in page
    hall = Incident.objects.get(about="Hall")
    assert client.get(f"/pannes/{hall.pk}/").status_code == 200
    assert client.get("/pannes/historique/").status_code == 200


def test_it_withdraws_nothing_and_cannot_be_reported_by_hand(
    client: Client, dark: Screen, dana: Agent
) -> None:
    pass_minutes(at(9, 59), at(10, 30))
    assert Incident.objects.get().withdraws == frozenset()
    client.force_login(dana)
    page = client.get("/pannes/nouvelle/", {"cabin": str(dark.cabin_id)}).content.decode()
    assert 'value="offline"' not in page and 'value="screen"' in page


# ---- the pages -------------------------------------------------------------------------------------


def test_the_list_says_who_was_told_and_one_takes_care_there(
    client: Client, dark: Screen, theo: Agent, set_clock: Any
) -> None:
    client.force_login(theo)
    set_clock(at(10, 5))
    pass_minutes(at(9, 59), at(10, 5))
    assert "l’alerte part après 10" in client.get("/ecrans/").content.decode().replace("\xa0", " ")
    pass_minutes(at(10, 6), at(10, 12))
    set_clock(at(10, 12))
    page = client.get("/ecrans/").content.decode()
    assert (
        "Alerte envoyée" in page and "à 1 personne" in page.replace("\xa0", " ") and "Je m’en occupe" in page
    )
    client.post(f"/pannes/{Incident.objects.get().pk}/prise-en-charge/")
    page = client.get("/ecrans/").content.decode()
    assert (
        "Pris en charge" in page
        and "Je m’en occupe" not in page.split('id="screen-list"')[1].split("</form>")[0]
    )
    state = client.get(f"/ecrans/{dark.pk}/etat/").content.decode()
    assert f"/ecrans/{dark.pk}/coupures/" in state


def test_that_nobody_could_be_told_is_said(client: Client, dark: Screen, theo: Agent, set_clock: Any) -> None:
    theo.email_confirmed = False
    theo.save()
    pass_minutes(at(9, 59), at(10, 12))
    assert not Message.objects.exists()
    set_clock(at(10, 12))
    client.force_login(theo)
    page = client.get("/ecrans/").content.decode()
    assert "Personne n’a pu être prévenu" in page and "Alerte envoyée" not in page


def test_many_short_cuts_are_worth_watching(
    client: Client, dark: Screen, theo: Agent, set_clock: Any
) -> None:
    for number in range(3):
        begin = at(8) + number * 10 * MINUTE
        ScreenOutage.objects.create(screen=dark, began_at=begin, ended_at=begin + (number + 2) * MINUTE)
    Screen.objects.update(last_seen_at=at(10))
    set_clock(at(10))
    client.force_login(theo)
    page = client.get("/ecrans/").content.decode().replace("\xa0", " ")
    assert "3 coupures" in page and "la plus longue 4 min" in page and 'id="watched"' in page


def test_the_history_of_a_screen_and_its_share_of_opening_time(
    client: Client, dark: Screen, theo: Agent, set_clock: Any
) -> None:
    set_clock(at(18))
    Screen.objects.update(paired_at=at(9, day=23), last_seen_at=at(18))
    dark.refresh_from_db()
    ScreenOutage.objects.create(screen=dark, began_at=at(9), ended_at=at(10, 12))
    ScreenOutage.objects.create(screen=dark, began_at=at(20, day=23), ended_at=at(21, day=23))
    (month,) = months_online(dark, [at(12).date().replace(day=1)], at(18))
    assert (month.open_for, month.dark_for, month.cuts) == (12 * HOUR, 72 * MINUTE, 1)
    assert month.percent == 90
    client.force_login(theo)
    page = (
        client.get(f"/ecrans/{dark.pk}/coupures/")
        .content.decode()
        .replace("\xa0", " ")
        .replace("&nbsp;", " ")
    )
    assert "90 %" in page and "1 h 12" in page
    ScreenOutage.objects.all().delete()
    assert "jamais été hors ligne" in client.get(f"/ecrans/{dark.pk}/coupures/").content.decode()


def test_nobody_else_opens_it(client: Client, dark: Screen, bob: Agent, charlie: Agent) -> None:
    for agent in (bob, charlie):
        client.force_login(agent)
        assert client.get(f"/ecrans/{dark.pk}/coupures/").status_code == 404


# ---- the digest ------------------------------------------------------------------------------------


@pytest.fixture
def mails(settings: Any) -> None:
    settings.SENDS_EMAIL = True


def test_in_the_evening_technicians_get_the_outages_of_the_day_once(
    dark: Screen, theo: Agent, mails: None
) -> None:
    ScreenOutage.objects.create(screen=dark, began_at=at(10), ended_at=at(10, 4))
    ScreenOutage.objects.create(screen=dark, began_at=at(12, 10), ended_at=at(13))  # closed
    Screen.objects.update(last_seen_at=at(17))
    assert [send_digests(now=at(*when)) for when in ((16, 45), (17,), (17, 15))] == [0, 1, 0]
    (sent,) = mail.outbox
    text = sent.body.replace("\xa0", " ")
    assert sent.to == ["theo@example.fr"] and "24 novembre" in sent.subject
    assert "Borne 12" in text and "10:00" in text and "10:04" in text and "12:10" not in text


def test_a_mail_that_cannot_leave_is_tried_again(
    dark: Screen, theo: Agent, mails: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ScreenOutage.objects.create(screen=dark, began_at=at(10), ended_at=at(10, 4))

    def refuse(*_args: object, **_named: object) -> None:
        raise OSError("the server does not answer")

    with monkeypatch.context() as broken:
        broken.setattr("kiosk.digest.mail_text", refuse)
        with pytest.raises(OSError, match="does not answer"):
            send_digests(now=at(17))
    assert send_digests(now=at(17, 15)) == 1


def test_no_digest_without_outage_on_closed_days_or_if_not_wanted(
    dark: Screen, theo: Agent, mails: None
) -> None:
    evening = at(17)
    assert send_digests(now=evening) == 0
    ScreenOutage.objects.create(screen=dark, began_at=at(10), ended_at=at(10, 30))
    theo.wants_digest = False
    theo.save()
    assert send_digests(now=evening) == 0
    theo.wants_digest = True
    theo.save()
    ScreenOutage.objects.create(screen=dark, began_at=at(10, day=28), ended_at=at(11, day=28))
    assert send_digests(now=at(17, day=28)) == 0, "Saturday"
    assert send_digests(now=at(21)) == 0, "too late"


def test_a_technician_chooses_it(client: Client, theo: Agent, alice: Agent, mails: None) -> None:
    client.force_login(theo)
    assert "Pas de résumé" in client.get("/compte/").content.decode()
    client.post("/compte/coupures/", {"wanted": "0"})
    theo.refresh_from_db()
    assert not theo.wants_digest
    client.force_login(alice)
    assert client.post("/compte/coupures/", {"wanted": "1"}).status_code == 404


# ---- a week of forty screens -----------------------------------------------------------------------

STEP = 2 * MINUTE
MONDAY = at(0, day=23)
AWAY = (at(10, day=25), at(10, 40, day=25))
"""The server was away: nobody looked, nothing was heard."""


def steps() -> Iterator[datetime]:
    now = MONDAY
    while now < MONDAY + 7 * DAY:
        if not AWAY[0] <= now < AWAY[1]:
            yield now
        now += STEP if now.weekday() < 5 and 8 <= now.hour < 18 else BREAK


def is_open_by_hand(instant: datetime) -> bool:
    """Paris is an hour ahead of UTC all that week."""
    offset = instant.utcoffset()
    assert offset is not None
    local = instant - offset + HOUR
    hour = local.hour + local.minute / 60
    return local.weekday() < 5 and (9 <= hour < 12 or 14 <= hour < 17)


def story(seed: int) -> dict[int, list[tuple[datetime, datetime]]]:
    """Number of a screen → when it was silent, as somebody scripts it."""
    chance = Random(seed)
    silent: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    silent[0] = [(at(9, 30, day=24), at(11, day=24))]  # in opening hours
    silent[1] = [(at(19, day=24), at(7, day=25))]  # at night
    silent[2] = [(at(16, 54, day=26), at(9, 20, day=27))]  # across the night
    silent[3] = [(at(9, 30, day=25), at(11, 30, day=25))]  # across the time when nobody looked
    silent[4] = [(at(16, 40, day=27), at(20, day=27))]  # back at night before the weekend
    for number in range(5, 36):
        for _ in range(chance.randrange(3)):
            start = MONDAY + chance.randrange(6 * 24 * 30) * STEP
            silent[number].append((start, start + chance.choice([2, 3, 5, 8, 20, 90, 400]) * STEP))
    return {
        number: [
            span
            for index, span in enumerate(sorted(spans))
            if not index or span[0] > sorted(spans)[index - 1][1] + HOUR
        ]
        for number, spans in silent.items()
    }


def due(spans: list[tuple[datetime, datetime]]) -> list[tuple[str, datetime]]:
    """The alerts of one screen by the words of the rule: ten open minutes, told in opening hours only."""
    found = []
    looks = list(steps())
    for start, end in spans:
        heard = [each for each in looks if each < start]
        last_sign = heard[-1] if heard else None
        dark = [each for each in looks if start <= each < end]
        if last_sign is None or not dark:
            continue
        began = last_sign if dark[0] - last_sign <= BREAK else dark[0]
        if began == last_sign and AWAY[0] <= start < AWAY[1]:
            began = AWAY[1]
        alert, minutes, counted = None, 0, began
        for each in dark:
            while counted < each:
                minutes += is_open_by_hand(counted)
                counted += MINUTE
            if each - began >= timedelta(seconds=75) and is_open_by_hand(each) and minutes >= 10:
                alert = each
                break
        if alert is None:
            continue
        found.append((IncidentStepKind.CONFIRMED.value, alert))
        back = next((each for each in looks if each >= end and is_open_by_hand(each)), None)
        if back is not None:
            found.append((IncidentStepKind.CLOSED.value, back))
    return found


@pytest.mark.process
def test_forty_screens_over_a_week_give_exactly_the_alerts_that_are_due(tuesday: datetime) -> None:
    communes = [make_commune(name=f"Commune {number}") for number in range(7)]
    sites = [make_site(commune, opening_hours=HOURS) for commune in communes]
    for number, commune in enumerate(communes):
        make_agent(
            commune,
            Role.TECHNICIAN,
            username=f"t{number}",
            email=f"t{number}@example.fr",
            email_confirmed=True,
        )
    screens = [
        make_screen(sites[number % 7], make_cabin(sites[number % 7]), name=f"S{number}", last_seen_at=MONDAY)[
            0
        ]
        for number in range(38)
    ]
    screens.append(make_screen(sites[0], None, name="S38", last_seen_at=MONDAY, page_release="0" * 12)[0])
    screens.append(make_screen(sites[1], None, name="S39", last_seen_at=MONDAY, clock_drift_s=-420)[0])
    silent = story(7)
    for now in steps():
        quiet = [screens[n].pk for n, spans in silent.items() if any(a <= now < b for a, b in spans)]
        Screen.objects.exclude(pk__in=quiet).update(last_seen_at=now)
        watch_screens(now=now)
        plan_faults(now=now)

    expected = {f"S{number}": due(spans) for number, spans in silent.items() if due(spans)}
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for step in IncidentStep.objects.select_related("incident").order_by("at", "pk"):
        found[step.incident.about].append((step.kind, step.at))
    assert dict(found) == expected
    assert len(expected) >= 8 and "S0" in expected and "S1" not in expected
    assert Message.objects.count() == sum(map(len, expected.values()))
    assert not {"S38", "S39"} & found.keys()
    # Each scripted silence is in the history, whether it was told or not.
    outages: dict[str, int] = defaultdict(int)
    for outage in ScreenOutage.objects.select_related("screen"):
        outages[outage.screen.name] += 1
    assert outages["S1"] == 1 and all(len(silent[n]) >= outages[f"S{n}"] for n in silent)


def test_looking_at_forty_screens_takes_as_many_queries_as_at_two(place: Site, dark: Screen) -> None:
    def asked(now: datetime) -> int:
        with CaptureQueriesContext(connection) as queries:
            watch_screens(now=now)
        return len(queries)

    few = asked(at(10, 1))
    for number in range(40):
        make_screen(place, make_cabin(place), name=f"n{number}", last_seen_at=at(10, 1))
    assert asked(at(10, 2)) <= few + 2 <= 12


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 90)), max_size=6),
    st.integers(0, 700),
    st.integers(0, 200),
)
def test_open_time_is_what_one_counts_minute_by_minute(
    drawn: list[tuple[int, int]], start: int, length: int
) -> None:
    spans, free_from = [], 0
    for begin, lasts in sorted(drawn):
        if begin >= free_from:
            spans.append((TUESDAY + begin * MINUTE, TUESDAY + (begin + lasts) * MINUTE))
            free_from = begin + lasts + 1
    within = TUESDAY + start * MINUTE, TUESDAY + (start + length) * MINUTE
    counted = sum(
        any(a <= TUESDAY + minute * MINUTE < b for a, b in spans) for minute in range(start, start + length)
    )
    assert open_time(spans, within) == counted * MINUTE
