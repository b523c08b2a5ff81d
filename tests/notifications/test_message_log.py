"""The log of all messages of a commune, and what they cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.roles import Role
from notifications.enums import Channel, MessageKind, State
from notifications.models import InboundMessage, Message, MessageSettings
from tests.factories import TUESDAY, make_agent, make_commune, make_resident
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")
LOG = "/messages/journal/"


def sent(commune, recipient="+33639981234", *, at=TUESDAY, **fields: Any) -> Message:
    values = {
        "kind": MessageKind.REMINDER,
        "channel": Channel.SMS,
        "state": State.DELIVERED,
        "text": f"texte {Message.objects.count()}",
        "due_at": at,
        "expires_at": at + timedelta(hours=1),
        "sent_at": at,
        "created_at": at,
        "cause": f"test:{Message.objects.count()}",
        **fields,
    }
    return Message.objects.create(commune=commune, recipient=recipient, **values)


def received(commune, sender="+33639981234", *, at=TUESDAY, text="OUI", **fields: Any) -> InboundMessage:
    serial = f"SM{InboundMessage.objects.count()}"
    return InboundMessage.objects.create(
        commune=commune, provider_id=serial, sender=sender, text=text, received_at=at, **fields
    )


def texts(page) -> list[str]:
    """The texts of messages on the page, in its order."""
    return [
        part.partition("</p>")[0].rpartition(">")[2]
        for part in page.content.decode().split('class="sms"')[1:]
    ]


def look(client, **fields):
    return client.post(LOG, fields)


def test_the_last_seven_days_are_shown_newest_first(client, alice, commune):
    sent(commune, text="vieux", at=TUESDAY - timedelta(days=7))
    sent(commune, text="premier", at=TUESDAY - timedelta(days=6))
    received(commune, text="réponse", at=TUESDAY - timedelta(hours=2))
    sent(commune, text="dernier", at=TUESDAY - timedelta(hours=1))
    client.force_login(alice)

    assert texts(client.get(LOG)) == ["dernier", "réponse", "premier"]


def test_nobody_sees_messages_of_another_commune(client, alice):
    other = make_commune()
    sent(other, text="ailleurs")
    received(other, text="ailleurs aussi")
    client.force_login(alice)

    assert texts(client.get(LOG)) == []
    assert texts(look(client, who="06 39 98 12 34")) == []


def test_a_helper_sees_no_log(client, bob):
    client.force_login(bob)
    assert client.get(LOG).status_code == 404


@pytest.mark.parametrize("who", ["06 39 98 12 34", "+33639981234", "1234", "98 12 34", "Bensaïd", "fatima"])
def test_a_number_its_last_digits_or_a_name_find_messages_both_ways(client, alice, commune, fatima, who):
    sent(commune, text="pour elle", resident=fatima)
    received(commune, text="d'elle", resident=fatima, at=TUESDAY - timedelta(minutes=1))
    other = make_resident(commune, "+33639985678", first_name="Léa", last_name="Petit")
    sent(commune, "+33639985678", text="pour Léa", resident=other)
    client.force_login(alice)

    assert texts(look(client, who=who)) == ["pour elle", "d&#x27;elle"]


def test_digits_find_numbers_and_not_the_record_of_somebody_without_a_phone(client, alice, commune):
    sent(commune, "resident:11234", text="pour une autre personne", channel=Channel.DESK)
    sent(commune, "+33639981234", text="pour ce numéro")
    client.force_login(alice)

    assert texts(look(client, who="1234")) == ["pour ce numéro"]


def test_a_name_that_nobody_has_finds_nothing_and_says_so(client, alice, commune):
    sent(commune)
    client.force_login(alice)

    page = look(client, who="Zzyzx")

    assert texts(page) == []
    assert "Aucune personne trouvée" in words(page)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"state": "failed"}, ["raté"]),
        ({"kind": "cancellation"}, ["annulé"]),
        ({"channel": "voice"}, ["appel"]),
        ({"direction": "received"}, ["reçu"]),
        ({"direction": "sent", "channel": "sms"}, ["annulé", "raté"]),
        ({"since": "2026-11-01", "until": "2026-11-10"}, ["ancien"]),
        ({"until": "2026-11-10"}, ["ancien"]),
    ],
)
def test_each_criterion_restricts(client, alice, commune, fields, found):
    sent(commune, text="raté", state=State.FAILED)
    sent(commune, text="annulé", kind=MessageKind.CANCELLATION)
    sent(commune, text="appel", channel=Channel.VOICE)
    received(commune, text="reçu")
    sent(commune, text="ancien", at=TUESDAY - timedelta(days=20))
    client.force_login(alice)

    assert texts(look(client, **fields)) == found


def test_days_in_the_wrong_order_are_refused_beside_the_field(client, alice):
    client.force_login(alice)

    page = look(client, since="2026-11-20", until="2026-11-10")

    assert page.status_code == 422
    assert "avant le premier" in words(page)


@pytest.mark.parametrize(
    "fields", [{"since": "hier"}, {"state": "x"}, {"page": "9" * 30}, {"page": "-1"}, {"who": "x" * 500}]
)
def test_bad_input_is_no_fault(client, alice, fields):
    client.force_login(alice)
    assert look(client, **fields).status_code == 422


def test_older_pages_follow_without_gap_or_repetition(client, alice, commune):
    for n in range(70):
        sent(commune, text=f"m{n:03}", at=TUESDAY - timedelta(minutes=2 * n))
    for n in range(50):
        received(commune, text=f"r{n:03}", at=TUESDAY - timedelta(minutes=2 * n + 1))
    client.force_login(alice)

    pages = [texts(look(client, page=str(n))) for n in (1, 2, 3)]

    assert [len(page) for page in pages] == [50, 50, 20]
    assert len({text for page in pages for text in page}) == 120
    assert "Plus ancien" not in words(look(client, page="3"))


def test_the_log_asks_the_database_no_more_for_many_messages(client, alice, commune, fatima):
    client.force_login(alice)
    client.get(LOG)
    sent(commune, resident=fatima)

    def queries(fields: dict[str, str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            look(client, **fields)
        return len(captured)

    few = [queries({}), queries({"who": "1234"}), queries({"who": "fatima"})]
    for n in range(60):
        sent(commune, resident=fatima, at=TUESDAY - timedelta(minutes=n))
        received(commune, resident=fatima, at=TUESDAY - timedelta(minutes=n))
    many = [queries({}), queries({"who": "1234"}), queries({"who": "fatima"})]

    assert many == few


def test_no_name_and_no_number_stands_in_an_address(client, alice, commune, fatima):
    sent(commune, resident=fatima)
    client.force_login(alice)

    page = look(client, who="1234").content.decode()

    assert 'method="post"' in page
    assert "?who" not in page


def test_managers_read_what_each_month_cost(client, dana, commune):
    MessageSettings.objects.create(commune=commune, price_sms_cents="7.5")
    sent(commune, segments=2)
    sent(commune, segments=1)
    sent(commune, channel=Channel.VOICE, segments=0)
    sent(commune, segments=4, at=TUESDAY - timedelta(days=40))
    sent(commune, segments=9, sent_at=None, state=State.EXPIRED)
    sent(make_commune(), segments=9)
    client.force_login(dana)

    shown = words(client.get(reverse("delivery-rates"))).replace("\xa0", " ")

    assert "novembre 2026 2 3 0,22 € 1" in shown
    assert "octobre 2026 1 4 0,30 € 0" in shown


def test_a_manager_reaches_the_log_from_the_other_pages_of_messages(client, commune):
    manager = make_agent(commune, Role.MANAGER)
    client.force_login(manager)
    assert LOG in client.get(reverse("message-texts")).content.decode()
    assert 'aria-current="page">Journal' in client.get(LOG).content.decode()


def test_the_desk_reaches_the_log_from_the_call_list(client, alice):
    client.force_login(alice)
    assert f'href="{LOG}"' in client.get(reverse("call-list")).content.decode()
    assert 'class="tabs"' not in client.get(LOG).content.decode(), "the other pages are for managers"


def test_a_commune_without_any_message_is_told_so_and_one_with_older_ones_to_look_further(
    client, alice, commune
):
    client.force_login(alice)
    assert "Aucun message n’est encore parti" in words(client.get(LOG))

    sent(commune, text="vieux", at=TUESDAY - timedelta(days=30))
    assert "Élargissez les dates" in words(client.get(LOG))
