"""A dead or late worker is said on the pages of agents, in words, with what to do meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking.actions import cancel
from booking.enums import Reason
from booking.log import Actor
from notifications.enums import State
from notifications.models import Heartbeat, Message, ProviderAlarm
from tests.factories import TUESDAY, at, make_cabin, make_resident
from tests.notifications.conftest import book_for, run
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")


def silent_for(minutes: int) -> None:
    """The sign of life is of the clock of the machine."""
    Heartbeat.objects.update_or_create(
        name="sweep", defaults={"at": datetime.now(UTC) - timedelta(minutes=minutes)}
    )


def band(client, agent) -> str:
    client.force_login(agent)
    return words(client.get(reverse("provider-alarm"))).strip()


def test_a_worker_that_is_alive_says_nothing(client, alice, commune):
    silent_for(2)

    assert band(client, alice) == ""


def test_a_dead_worker_is_said_with_what_to_do(client, alice, commune):
    silent_for(185)

    said = band(client, alice)

    assert "Aucun message n’est parti depuis 185 minutes : l’envoi est arrêté." in said
    assert "de vive voix" in said
    assert "Qui prévenir en attendant" in said
    assert "Rien n’est perdu" in said


def test_a_worker_that_never_ran_is_said_too(client, alice, commune):
    assert "l’envoi ne fonctionne pas encore" in band(client, alice)


def test_helpers_hear_of_it_too_and_of_no_list_that_they_may_not_open(client, bob, commune):
    silent_for(20)
    ProviderAlarm.objects.create(channel="sms", code="20003", since=TUESDAY, retry_at=TUESDAY)

    said = band(client, bob)

    assert "depuis 20 minutes" in said
    assert "Qui prévenir en attendant" not in said
    assert "20003" not in said


def test_messages_that_lag_are_said_while_the_worker_lives(client, alice, cabin, service, fatima):
    book_for(fatima, cabin, service)
    run()
    Message.objects.update(state=State.PENDING, due_at=TUESDAY - timedelta(minutes=14))

    assert "le plus ancien attend depuis 14 minutes" in band(client, alice)


@pytest.mark.parametrize("page", ["desk", "today", "call-list", "waiting-list", "team", "my-day"])
def test_every_page_of_agents_asks_for_the_band(client, alice, bob, page):
    client.force_login(bob if page == "my-day" else alice)

    assert f'hx-get="{reverse("provider-alarm")}"' in client.get(reverse(page)).content.decode()


def test_meanwhile_the_call_list_names_whom_nothing_has_told(client, alice, cabin, service, fatima, georges):
    told = book_for(georges, cabin, service, at(9, day=25))
    run()
    silent_for(30)
    book_for(fatima, cabin, service, at(16))
    cancel(appointment=told, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=TUESDAY)
    client.force_login(alice)

    page = words(client.get(reverse("call-list")))

    assert "Pas encore prévenus : l’envoi est arrêté" in page
    assert "24 nov. 16:00 Fatima Bensaïd 06 39 98 12 34" in page
    assert "25 nov. 9:00 Georges Lemaire annulé 02 61 91 00 42" in page
    run(TUESDAY + timedelta(minutes=1))
    assert "Pas encore prévenus" not in words(client.get(reverse("call-list")))


def test_what_waits_to_be_sent_is_named_and_what_is_over_is_not(
    client, alice, cabin, service, fatima, commune
):
    book_for(fatima, cabin, service, at(16))
    book_for(make_resident(commune, first_name="Zoé"), make_cabin(cabin.site), service, at(9))
    run()
    Message.objects.update(state=State.PENDING, due_at=TUESDAY)
    Heartbeat.objects.update(at=F("at") - timedelta(minutes=30))
    client.force_login(alice)

    page = words(client.get(reverse("call-list")))

    assert "24 nov. 16:00 Fatima Bensaïd" in page
    assert "24 nov. 9:00" not in page.split("Pas encore prévenus")[1].split("Avant ce soir")[0]


def test_other_communes_are_not_named(client, charlie, cabin, service, fatima):
    silent_for(30)
    book_for(fatima, cabin, service, at(16))
    client.force_login(charlie)

    assert "Fatima" not in words(client.get(reverse("call-list")))


def test_naming_them_costs_the_same_however_many(client, alice, cabin, service, commune):
    silent_for(30)
    client.force_login(alice)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("call-list"))
        return len(captured)

    book_for(make_resident(commune, "+33639981300"), cabin, service, at(16))
    one = queries()
    for n in range(8):
        book_for(make_resident(commune, f"+3363998131{n}"), make_cabin(cabin.site), service, at(16))

    assert queries() == one
