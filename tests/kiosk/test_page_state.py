"""What a screen tells of its page: read, written seldom, and never the cause of an error."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from kiosk.models import PageRelease, Screen
from kiosk.page_state import browser_name, read_page_state
from kiosk.release import release
from tests.clocks import SetClock
from tests.factories import at

DEBIAN = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
OLD = "0123456789ab"


def told(**fields: Any) -> dict[str, str]:
    machine = round(clock.machine_now().timestamp() * 1000)
    values = {"release": release(), "up": 60, "size": "1920x1080", "clock": machine, **fields}
    return {name: str(value) for name, value in values.items()}


def writes(kiosk: Client, name: str = "screen-board", **fields: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert kiosk.get(reverse(name), told(**fields)).status_code == 200
    return sum(query["sql"].startswith(("UPDATE", "INSERT")) for query in queries)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (DEBIAN, "Chromium 140"),
        (FIREFOX, "Firefox 128"),
        (DEBIAN + " Edg/139.0", "Edge 139"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605 (KHTML) Version/17.4 Safari/605.1", "Safari 17"),
        ("curl/8", ""),
        ("Version/1" * 7000 + " Safari/", ""),  # and no pattern is kept busy by it
        ("", ""),
    ],
)
def test_the_browser_is_named_with_its_version(agent: str, name: str) -> None:
    assert browser_name(agent) == name


@given(
    st.dictionaries(st.sampled_from(["release", "up", "size", "clock", "error", "done"]), st.text()),
    st.text(),
)
def test_whatever_a_screen_sends_is_read_without_an_error(fields: dict[str, str], agent: str) -> None:
    page = read_page_state(fields, user_agent=agent, now=at(10), machine_now=at(10))
    assert len(page.error) <= 70
    assert len(page.browser) <= 30
    assert len(page.size) <= 11
    assert page.drift_s is None or abs(page.drift_s) < 2**31


@given(seconds=st.integers(-10_000, 10_000))
def test_the_drift_is_what_the_server_is_ahead(seconds: int) -> None:
    fields = {"clock": str(round((at(10) - timedelta(seconds=seconds)).timestamp() * 1000))}
    assert read_page_state(fields, user_agent="", now=at(10), machine_now=at(10)).drift_s == seconds


@pytest.mark.django_db
def test_the_board_notes_what_its_page_tells(kiosk: Client, screen: Screen) -> None:
    fields = told(error="TypeError live.js:12", up=3600)
    kiosk.get(reverse("screen-board"), fields, headers={"user-agent": DEBIAN})
    screen.refresh_from_db()
    assert screen.page_release == release()
    assert screen.page_opened_at == at(9, 24)
    assert screen.browser == "Chromium 140"
    assert screen.window_size == "1920x1080"
    assert (screen.last_error, screen.last_error_at) == ("TypeError live.js:12", at(10, 24))
    assert screen.clock_drift_s is not None
    assert abs(screen.clock_drift_s) <= 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {
            "release": "x" * 5000,
            "up": "9" * 5000,
            "size": "0x0",
            "clock": "-1",
            "error": "Fatima",
            "done": "a,b",
        },
        {"release": "é", "up": "1e9", "size": "99999999x1", "clock": "٣", "error": "\n", "done": "9" * 300},
        {"up": "99999999999999", "clock": "99999999999999", "done": "999999999999"},
    ],
)
def test_nonsense_of_a_screen_is_not_an_error(kiosk: Client, screen: Screen, fields: dict[str, str]) -> None:
    assert kiosk.get(reverse("screen-board"), fields).status_code == 200
    screen.refresh_from_db()
    assert screen.last_error == ""
    assert screen.window_size == ""


@pytest.mark.django_db
def test_it_is_written_no_more_often_than_that_the_screen_was_seen(
    kiosk: Client, set_clock: SetClock, screen: Screen
) -> None:
    assert writes(kiosk) == 1
    for second in (5, 10, 19):
        set_clock(at(10, 24) + timedelta(seconds=second))
        assert writes(kiosk, up=60 + second) == 0
    set_clock(at(10, 24) + timedelta(seconds=21))
    assert writes(kiosk, up=81) == 1


@pytest.mark.django_db
def test_a_page_just_loaded_is_noted_at_once(kiosk: Client, set_clock: SetClock, screen: Screen) -> None:
    assert writes(kiosk, up=3600) == 1
    set_clock(at(10, 24) + timedelta(seconds=5))
    assert writes(kiosk, up=1) == 1
    screen.refresh_from_db()
    assert screen.page_opened_at == at(10, 24) + timedelta(seconds=4)


@pytest.mark.django_db
def test_an_error_is_known_since_it_was_told_first(
    kiosk: Client, set_clock: SetClock, screen: Screen
) -> None:
    writes(kiosk, error="TypeError live.js:12", up=60)
    set_clock(at(10, 30))
    writes(kiosk, error="TypeError live.js:12", up=60 + 360)
    screen.refresh_from_db()
    assert screen.last_error_at == at(10, 24)


@pytest.mark.django_db
def test_since_when_a_release_is_served_is_known(kiosk: Client, set_clock: SetClock, screen: Screen) -> None:
    PageRelease.objects.create(code=OLD, served_from=at(8))
    writes(kiosk, release=OLD)
    set_clock(at(12))
    kiosk.get(reverse("screen"))
    assert list(PageRelease.objects.values_list("code", "served_from")) == [
        (OLD, at(8)),
        (release(), at(10, 24)),
    ]


@pytest.mark.django_db
def test_a_server_that_goes_back_serves_the_earlier_release_anew(
    kiosk: Client, set_clock: SetClock, screen: Screen
) -> None:
    PageRelease.objects.create(code=release(), served_from=at(7))
    PageRelease.objects.create(code=OLD, served_from=at(8))
    kiosk.get(reverse("screen"))
    assert PageRelease.objects.get(code=release()).served_from == at(10, 24)
