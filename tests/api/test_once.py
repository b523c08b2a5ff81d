"""A booking whose answer was lost can be asked for again with the same key, and is made once."""

import json
import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from booking.actions import bookings, idempotency
from booking.models import Appointment, IdempotencyRecord
from communes.models import Cabin, Commune, Service, Site
from tests.api.caller import ROOT, Caller, booking, make_key, problem
from tests.factories import at, make_cabin

pytestmark = pytest.mark.usefixtures("tuesday")

KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"


@pytest.fixture
def caller(commune: Commune, site: Site, cabin: Cabin) -> Caller:
    cache.clear()
    make_cabin(site)
    return Caller(make_key(commune))


def post(caller: Caller, body: dict[str, Any], key: str = KEY) -> Any:
    return caller.client.post(
        f"{ROOT}/appointments",
        json.dumps(body),
        content_type="application/json",
        headers={**caller.headers, "Idempotency-Key": key},
    )


def test_the_same_request_again_books_nothing_more_and_gets_the_same_answer(
    caller: Caller, service: Service, site: Site
) -> None:
    body = booking(service, site)
    first, again = post(caller, body), post(caller, dict(reversed(body.items())))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert Appointment.objects.count() == 1


def test_without_a_key_or_with_another_it_is_another_booking(
    caller: Caller, service: Service, site: Site
) -> None:
    body = booking(service, site, allow_overlap=True)
    assert post(caller, body).status_code == 201
    assert post(caller, body, key="another").status_code == 201
    assert problem(post(caller, body, key="a third")) == (409, "slot_taken")
    assert problem(caller.post("/appointments", body)) == (409, "slot_taken")


def test_a_key_used_for_another_request_is_refused(caller: Caller, service: Service, site: Site) -> None:
    post(caller, booking(service, site))
    refused = post(caller, booking(service, site, at(15)))
    assert problem(refused) == (422, "idempotency_key_reused")
    assert Appointment.objects.count() == 1


def test_a_refusal_is_not_remembered(caller: Caller, service: Service, site: Site) -> None:
    body = booking(service, site, allow_overlap=True)
    taken = [post(caller, body, key=str(n)).json()["id"] for n in range(2)]
    assert problem(post(caller, body)) == (409, "slot_taken")
    assert caller.post(f"/appointments/{taken[0]}/cancel").status_code == 200
    assert post(caller, body).status_code == 201


def test_keys_of_different_callers_have_nothing_in_common(
    caller: Caller, commune: Commune, service: Service, site: Site
) -> None:
    post(caller, booking(service, site))
    assert post(Caller(make_key(commune)), booking(service, site, at(15))).status_code == 201


def test_the_answer_tells_how_the_appointment_stands_now(
    caller: Caller, service: Service, site: Site
) -> None:
    first = post(caller, booking(service, site)).json()
    caller.post(f"/appointments/{first['id']}/cancel")
    assert post(caller, booking(service, site)).json()["status"] == "cancelled"


def test_what_was_sent_is_kept_as_a_hash_and_goes_with_the_appointment(
    caller: Caller, service: Service, site: Site
) -> None:
    post(caller, booking(service, site))
    kept = " ".join(map(str, IdempotencyRecord.objects.values_list().get()))
    assert KEY not in kept and "Bensa" not in kept
    Appointment.objects.all().delete()
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_that_is_none_is_refused(caller: Caller, service: Service, site: Site, key: str) -> None:
    assert problem(post(caller, booking(service, site), key=key)) == (422, "invalid")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_are_one_booking(
    caller: Caller, service: Service, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have looked for an earlier call, and found none, before either of them books."""
    meet, answers = threading.Barrier(2), []
    look = bookings.book

    def both_have_looked(**how: Any) -> Appointment:
        meet.wait(20)
        return look(**how)

    def ask(mine: Caller) -> None:
        answers.append(post(mine, booking(service, site)))
        connection.close()

    if connection.vendor == "postgresql":  # on SQLite the second waits for the first with its first look
        monkeypatch.setattr(idempotency, "book", both_have_looked)
    twin = Caller()
    twin.headers = caller.headers
    threads = [threading.Thread(target=ask, args=(each,)) for each in (caller, twin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Appointment.objects.count() == 1
