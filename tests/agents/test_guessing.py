"""Guessing passwords with many names from one address, and who is never kept out by it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client

from agents.guessing import KNOWN_FOR, WINDOW, address_key
from agents.models import Agent, FailedLogin, KnownAddress
from agents.tasks import tidy_up
from tests.clocks import SetClock
from tests.edits import send_edit
from tests.factories import PASSWORD, TUESDAY

pytestmark = pytest.mark.usefixtures("tuesday")

WRONG = "faux"
LOGIN, ACCOUNT, CHANGE = "/connexion/", "/compte/", "/connexion/mot-de-passe/"
ELSEWHERE = "203.0.113.9"
NAMES = ["paul", "rose", "luc", "ines", "omar", "lea"]


def try_in(name: str, password: str = WRONG, *, address: str = ELSEWHERE, **data: Any) -> Any:
    return Client(REMOTE_ADDR=address).post(LOGIN, {"username": name, "password": password, **data})


def guess(times: int, names: list[str] = NAMES, *, address: str = ELSEWHERE) -> list[int]:
    """The answers to so many wrong passwords, each name in turn."""
    return [try_in(names[turn % len(names)], address=address).status_code for turn in range(times)]


def is_let_in(name: str = "alice", *, address: str = ELSEWHERE) -> bool:
    response = try_in(name, PASSWORD, address=address)
    assert response.status_code in (302, 429)
    return bool(response.status_code == 302)


def test_thirty_wrong_passwords_with_six_names_block_the_address(alice: Agent) -> None:
    assert guess(30) == [200] * 29 + [429]
    response = try_in("alice", PASSWORD)
    assert response.status_code == 429
    assert "sous plusieurs noms" in response.content.decode()


def test_another_address_is_not_blocked(alice: Agent) -> None:
    guess(30)
    assert is_let_in(address="198.51.100.7")


def test_twenty_nine_block_nothing(alice: Agent) -> None:
    guess(29)
    assert is_let_in()


def test_few_names_block_nothing_but_themselves(alice: Agent) -> None:
    """Somebody who has forgotten theirs, and tries those of the family."""
    guess(48, NAMES[:4])
    assert FailedLogin.objects.count() == 24  # six of each name are looked at
    assert is_let_in()


def test_five_names_are_enough(alice: Agent) -> None:
    guess(24, NAMES[:4])
    guess(6, [NAMES[4]])
    assert not is_let_in()


def test_one_name_written_in_several_ways_is_one(alice: Agent) -> None:
    ways = ["paul", "Paul", "PAUL", "pAul", "paUl", "pauL"]
    guess(30, ways)
    assert is_let_in()


def test_the_block_ends_after_fifteen_minutes(alice: Agent, set_clock: SetClock) -> None:
    guess(30)
    set_clock(TUESDAY + WINDOW - timedelta(seconds=1))
    assert not is_let_in()
    set_clock(TUESDAY + WINDOW)
    assert is_let_in()


def test_what_is_refused_unread_does_not_make_the_block_longer(alice: Agent, set_clock: SetClock) -> None:
    guess(30)
    set_clock(TUESDAY + timedelta(minutes=14))
    guess(30)
    set_clock(TUESDAY + WINDOW)
    assert is_let_in()


def test_failures_spread_over_more_than_the_window_block_nothing(alice: Agent, set_clock: SetClock) -> None:
    guess(15)
    set_clock(TUESDAY + WINDOW)
    guess(15, [f"{name}2" for name in NAMES])
    assert is_let_in()


def test_the_town_hall_is_never_blocked(alice: Agent, bob: Agent) -> None:
    assert is_let_in("bob")
    assert guess(36)[:30] == [200] * 30  # each name is stopped by itself, at its sixth
    assert is_let_in()


def test_a_login_of_last_week_counts_for_seven_days(alice: Agent, set_clock: SetClock) -> None:
    assert is_let_in()
    set_clock(TUESDAY + KNOWN_FOR - timedelta(seconds=1))
    guess(30)
    assert is_let_in()
    set_clock(TUESDAY + 2 * KNOWN_FOR)
    guess(30, [f"{name}2" for name in NAMES])
    assert not is_let_in()


def test_no_address_and_no_name_is_stored(alice: Agent) -> None:
    guess(3)
    assert is_let_in()
    rows = [*FailedLogin.objects.values(), *KnownAddress.objects.values(), *AccessAttempt.objects.values()]
    assert len(rows) == 7
    assert ELSEWHERE not in str(rows)
    assert "paul" not in str(list(FailedLogin.objects.values()))


def test_the_key_of_an_address_needs_the_secret(settings: Any) -> None:
    before = address_key(ELSEWHERE)
    settings.SECRET_KEY = "another"
    assert address_key(ELSEWHERE) != before


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2:aaaa:bbbb:cccc:dddd", True),
        ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("203.0.113.9", "203.0.113.8", False),
    ],
)
def test_an_ipv6_address_counts_with_its_network(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same


def test_devices_of_one_ipv6_network_are_blocked_together(alice: Agent) -> None:
    for turn in range(30):
        try_in(NAMES[turn % 6], address=f"2001:db8:1:2::{turn + 1:x}")
    assert not is_let_in(address="2001:db8:1:2:ffff::1")
    assert is_let_in(address="2001:db8:1:3::1")


def test_behind_a_proxy_its_client_is_blocked(alice: Agent, settings: Any) -> None:
    settings.BEHIND_PROXY = True
    for turn in range(30):
        data = {"username": NAMES[turn % 6], "password": WRONG}
        Client(headers={"X-Forwarded-For": ELSEWHERE}).post(LOGIN, data)
    right = {"username": "alice", "password": PASSWORD}
    assert Client(headers={"X-Forwarded-For": ELSEWHERE}).post(LOGIN, right).status_code == 429
    assert Client(headers={"X-Forwarded-For": "198.51.100.7"}).post(LOGIN, right).status_code == 302


def test_where_no_address_is_known_nobody_is_blocked(alice: Agent) -> None:
    guess(30, address="")
    assert not FailedLogin.objects.exists()
    assert is_let_in(address="")


@pytest.fixture
def at_home(alice: Agent) -> Client:
    """Alice, logged in where nobody else logs in."""
    client = Client(REMOTE_ADDR=ELSEWHERE)
    client.force_login(alice)
    return client


def ask_for_address(client: Client, password: str) -> Any:
    form = {"address-email": "alice@mairie.example", "address-password": password}
    return send_edit(client, ACCOUNT, form)


def change_password(client: Client, old: str) -> Any:
    new = "encore une autre phrase"
    return client.post(CHANGE, {"old_password": old, "new_password1": new, "new_password2": new})


@pytest.mark.parametrize("ask", [ask_for_address, change_password])
def test_the_password_of_ones_own_account_counts_too(at_home: Client, alice: Agent, ask: Any) -> None:
    """Whoever finds a computer unlocked guesses no more often than at the login."""
    assert [ask(at_home, WRONG).status_code == 429 for _ in range(6)] == [False] * 5 + [True]
    refused = ask(at_home, PASSWORD)
    assert refused.status_code == 429
    assert 'href="/compte/"' in refused.content.decode()
    assert not is_let_in()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD) and not alice.email
    assert FailedLogin.objects.count() == 6


def test_the_right_password_of_ones_own_account_forgets_the_wrong_ones(at_home: Client) -> None:
    for _ in range(2):
        for _ in range(5):
            assert ask_for_address(at_home, WRONG).status_code == 422
        assert ask_for_address(at_home, PASSWORD).status_code == 302


def test_the_night_forgets_what_no_longer_counts(alice: Agent, set_clock: SetClock) -> None:
    guess(1)
    assert is_let_in()
    set_clock(TUESDAY + KNOWN_FOR - timedelta(seconds=1))
    tidy_up.call()
    assert (FailedLogin.objects.count(), KnownAddress.objects.count()) == (0, 1)
    set_clock(TUESDAY + KNOWN_FOR)
    tidy_up.call()
    assert not KnownAddress.objects.exists()


def test_a_later_login_is_the_one_that_counts(alice: Agent, set_clock: SetClock, tuesday: datetime) -> None:
    assert is_let_in()
    set_clock(tuesday + timedelta(hours=1))
    assert is_let_in()
    assert KnownAddress.objects.get().last_login_at == tuesday + timedelta(hours=1)
