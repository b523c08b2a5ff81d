"""A calendar that an agent sends waits for the worker; its page says so, then what came of it."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from agents.models import Absence, Agent
from communes.models import Service
from planning.calendars import reading
from planning.calendars.reading import drop_expired_uploads, forget, keep_upload, read_due, read_upload
from planning.errors import PROBLEMS, CalendarRefused
from planning.models import CalendarUpload, ExternalBusy, ExternalCalendar
from planning.tasks import (
    each_minute,
    read_calendar_upload,
    read_external_calendar,
    read_more_calendars,
    read_some,
)
from tests.clocks import SetClock
from tests.factories import TUESDAY, at, make_shift
from tests.planning.test_external_calendars import DENTIST, calendar

pytestmark = pytest.mark.usefixtures("tuesday")

BOMB = Path(__file__).parent / "calendars" / "bomb-bysecond.ics"
OFTEN = calendar("DTSTART:20261125T140000Z\r\nRRULE:FREQ=MINUTELY")
"""Refused at once, where a test is about what happens then."""


@pytest.fixture
def helper(client: Client, bob: Agent) -> Agent:
    client.force_login(bob)
    return bob


def send(client: Client, body: bytes, name: str = "agenda.ics", **answers: object) -> Any:
    """Send a file; after the first, in its place."""
    file = BytesIO(body)
    file.name = name
    first = ExternalCalendar.objects.filter(url="").first()
    return client.post("/agendas/autres/", {"file": file, "place": first.pk if first else "", **answers})


def page(client: Client) -> str:
    return client.get("/agendas/").content.decode()


def queued() -> list[str]:
    return [SignedPackage.loads(row.payload)["name"] for row in OrmQ.objects.order_by("id")]


def run_reader() -> None:
    """What the worker does with the file that waits."""
    read_calendar_upload.call(CalendarUpload.objects.get().pk)


# ---- sent, waiting, read -------------------------------------------------------------------------------


def test_the_web_process_only_keeps_a_file_and_the_page_says_that_it_is_being_read(
    client: Client, helper: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(*_: Any, **__: Any) -> None:
        raise AssertionError("a calendar was read in the web process")

    monkeypatch.setattr("icalendar.Calendar.from_ical", parse)
    monkeypatch.setattr("subprocess.Popen", parse)
    assert send(client, BOMB.read_bytes())["Location"] == "/agendas/#other-title"
    assert bytes(CalendarUpload.objects.get().body) == BOMB.read_bytes()
    assert queued() == ["read_calendar_upload"]
    shown = page(client)
    assert "en cours de lecture" in shown and 'hx-trigger="every 2s"' in shown
    assert "Rechargez cette page" in shown, "without JavaScript"


def test_the_worker_reads_the_file_and_deletes_it_and_the_page_says_what_it_read(
    client: Client, helper: Agent, service: Service
) -> None:
    send(client, calendar(DENTIST))
    run_reader()
    assert not CalendarUpload.objects.exists()
    assert Absence.objects.get().starts_at == at(14, day=25)
    shown = page(client)
    assert "1 période occupée à venir, jusqu’au mercredi 25 novembre 2026." in shown
    assert "en cours de lecture" not in shown and "hx-trigger" not in shown.split("followed")[1][:200]
    assert "Dentiste" not in shown
    client.post(f"/agendas/autres/{ExternalCalendar.objects.get().pk}/oublier/")
    assert not Absence.objects.exists() and not ExternalCalendar.objects.exists()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>", "not_a_calendar"),
        (calendar("SUMMARY:x"), "bad_event"),
        (OFTEN, "too_much"),
        (BOMB.read_bytes(), "too_much"),
    ],
    ids=["page", "bad event", "each minute", "bomb"],
)
def test_a_file_that_is_refused_is_deleted_and_the_page_says_why(
    client: Client, helper: Agent, body: bytes, problem: str
) -> None:
    send(client, body)
    run_reader()
    assert not CalendarUpload.objects.exists() and not Absence.objects.exists()
    shown = page(client)
    assert "pas lu" in shown and str(PROBLEMS[problem]) in shown


def test_a_refused_file_leaves_what_an_earlier_one_said(client: Client, helper: Agent) -> None:
    send(client, calendar(DENTIST))
    run_reader()
    send(client, b"<html>")
    run_reader()
    assert Absence.objects.count() == 1
    shown = page(client)
    assert "pas lu" in shown and "1 période occupée à venir" in shown


def test_after_a_failure_the_page_says_whether_what_was_read_before_still_counts(
    client: Client, helper: Agent
) -> None:
    send(client, b"no calendar")
    run_reader()
    assert "Cet agenda ne compte pas encore" in page(client)
    send(client, calendar(DENTIST))
    run_reader()
    assert "compte encore" not in page(client) and "compte toujours" not in page(client)
    send(client, b"no calendar")
    run_reader()
    assert "Le fichier précédent compte toujours" in page(client)


def test_a_calendar_without_anything_to_come_says_so(client: Client, helper: Agent) -> None:
    send(client, calendar())
    run_reader()
    assert "Aucune période occupée n’y figure à partir de maintenant." in page(client)


def test_a_whole_day_counts_until_itself_and_not_the_day_after(client: Client, helper: Agent) -> None:
    send(client, calendar("DTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261128"))
    run_reader()
    assert "jusqu’au vendredi 27 novembre 2026." in page(client)


def test_htmx_is_sent_the_calendars_only_when_something_has_changed(client: Client, helper: Agent) -> None:
    send(client, calendar(DENTIST))
    seen = client.get("/agendas/").context["seen"]
    poll = f"/agendas/?seen={seen}"
    assert client.get(poll, headers={"HX-Request": "true"}).status_code == 204
    run_reader()
    answer = client.get(poll, headers={"HX-Request": "true"}).content.decode()
    assert "1 période occupée" in answer and "<form method" in answer
    assert "<html" not in answer and "every 2s" not in answer


# ---- what may go wrong meanwhile -------------------------------------------------------------------------


def test_a_file_that_nobody_reads_is_deleted_after_an_hour_and_the_page_says_so(
    client: Client, helper: Agent, set_clock: SetClock
) -> None:
    send(client, calendar(DENTIST))
    set_clock(at(10, 59))
    each_minute.call()
    assert CalendarUpload.objects.exists()
    assert "dure plus longtemps que d’habitude" in page(client)
    set_clock(at(11, 1))
    assert "Votre fichier n’a pas été lu dans l’heure" in page(client), "also while the worker is stopped"
    each_minute.call()
    assert not CalendarUpload.objects.exists()
    assert "Votre fichier n’a pas été lu dans l’heure" in page(client)


def test_a_file_takes_the_place_of_one_that_waits(client: Client, helper: Agent) -> None:
    send(client, calendar(DENTIST))
    first = CalendarUpload.objects.select_related("calendar__agent").get()
    send(client, calendar(DENTIST.replace("T14", "T16").replace("T15", "T17")))
    read_upload(first, now=TUESDAY)  # a reader that was at it already
    assert not Absence.objects.exists() and CalendarUpload.objects.count() == 1
    run_reader()
    assert Absence.objects.get().starts_at == at(16, day=25)


def test_a_calendar_that_is_forgotten_while_it_is_read_stays_forgotten(bob: Agent) -> None:
    upload = keep_upload(agent=bob, body=calendar(DENTIST), now=TUESDAY)
    forget(ExternalCalendar.objects.get())
    assert not CalendarUpload.objects.exists()
    read_upload(upload, now=TUESDAY)
    assert not Absence.objects.exists() and not ExternalCalendar.objects.exists()


def test_a_fault_of_our_own_leaves_the_file_to_the_next_pass(
    bob: Agent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    upload = keep_upload(agent=bob, body=calendar(DENTIST), now=TUESDAY)
    with monkeypatch.context() as patch:
        patch.setattr("planning.calendars.limited_reading._ROOT", "/nowhere/Dentiste")
        assert not read_upload(upload, now=TUESDAY)
    assert "Dentiste" not in caplog.text
    later = TUESDAY + timedelta(minutes=3)
    assert read_due(now=later, started=later).read == 1
    assert Absence.objects.count() == 1 and not CalendarUpload.objects.exists()


def test_dropping_expired_files_leaves_fresh_ones(bob: Agent, charlie: Agent) -> None:
    keep_upload(agent=bob, body=b"x", now=TUESDAY - timedelta(minutes=60))
    keep_upload(agent=charlie, body=b"x", now=TUESDAY - timedelta(minutes=59))
    drop_expired_uploads(now=TUESDAY)
    assert CalendarUpload.objects.get().calendar.agent == charlie


# ---- the form ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", [{}, {"url": "x y"}, {"url": "javascript:alert(1)"}])
def test_what_is_no_address_is_shown_again(client: Client, helper: Agent, sent: dict[str, str]) -> None:
    assert client.post("/agendas/autres/", sent).status_code == 422
    assert not ExternalCalendar.objects.exists()


def test_a_file_that_is_too_large_is_said_at_the_field(client: Client, helper: Agent) -> None:
    answer = send(client, b"x" * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"] == [PROBLEMS["too_large"]]
    assert not CalendarUpload.objects.exists()


def test_no_more_than_five_calendars_are_followed(client: Client, helper: Agent) -> None:
    for number in range(5):
        assert client.post("/agendas/autres/", {"url": f"https://a.example/{number}"}).status_code == 302
    answer = client.post("/agendas/autres/", {"url": "https://a.example/5"})
    assert answer.status_code == 422 and "cessez d’abord d’en suivre un" in answer.content.decode()
    assert client.post("/agendas/autres/", {"url": "https://a.example/4"}).status_code == 302, "known already"
    assert ExternalCalendar.objects.count() == 5


# ---- addresses ---------------------------------------------------------------------------------------------


def follow(agent: Agent, number: int, **fields: Any) -> ExternalCalendar:
    url = f"https://agenda.example/{number}.ics"
    return ExternalCalendar.objects.create(agent=agent, url=url, created_at=TUESDAY, **fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"tried_at": TUESDAY - timedelta(minutes=16)}, ""),
        ({"tried_at": TUESDAY - timedelta(minutes=70)}, PROBLEMS["forgotten"]),
        ({"created_at": TUESDAY - timedelta(minutes=70)}, PROBLEMS["forgotten"]),
        ({"tried_at": TUESDAY, "problem": "unreachable"}, PROBLEMS["unreachable"]),
        ({"url": "", "tried_at": TUESDAY - timedelta(days=9)}, ""),
    ],
)
def test_the_page_says_what_is_wrong_with_a_calendar(
    client: Client, helper: Agent, fields: dict[str, Any], said: str
) -> None:
    follow(helper, 0)
    ExternalCalendar.objects.update(**fields)
    (shown,) = client.get("/agendas/").context["calendars"]
    assert str(shown.problem) == str(said)


def test_a_calendar_that_met_a_limit_is_tried_again_after_an_hour_and_the_longest_untried_first(
    bob: Agent,
) -> None:
    ago = [timedelta(minutes=minutes) for minutes in (16, 59, 61, 20)]
    costly = [follow(bob, n, tried_at=TUESDAY - ago[n], problem="too_much") for n in range(3)]
    plain = follow(bob, 3, tried_at=TUESDAY - ago[3], problem="unreachable")
    new = follow(bob, 4)
    assert list(ExternalCalendar.objects.due(TUESDAY)) == [new, costly[2], plain]


def test_an_address_that_is_given_again_and_again_is_read_each_two_minutes(
    client: Client, helper: Agent, monkeypatch: pytest.MonkeyPatch, set_clock: SetClock
) -> None:
    asked = []

    def fetch(url: str, limits: object) -> bytes:
        asked.append(url)
        raise CalendarRefused("unreachable")

    monkeypatch.setattr(reading, "fetch", fetch)
    for minute in (0, 1, 3):
        set_clock(at(10, minute))
        answer = client.post("/agendas/autres/", {"url": "https://a.example/0"}, follow=True)
        read_external_calendar.call(ExternalCalendar.objects.get().pk)
    assert len(asked) == 2
    assert "Vous suivez déjà cette adresse" in answer.content.decode()


def test_a_pass_leaves_the_queue_to_others_and_goes_on_where_it_was(
    bob: Agent, monkeypatch: pytest.MonkeyPatch, tuesday: datetime
) -> None:
    asked = []

    def fetch(url: str, limits: object) -> bytes:
        asked.append(url.rpartition("/")[2])
        raise CalendarRefused("too_slow")

    monkeypatch.setattr(reading, "fetch", fetch)
    for number in range(3):
        follow(bob, number)
    with monkeypatch.context() as patch:
        clock = iter([0.0, 10.0, 29.0, 40.0])
        patch.setattr(reading, "monotonic", lambda: next(clock))
        assert "the rest follows" in read_some(tuesday)
    assert asked == ["0.ics", "1.ics"]
    assert queued() == ["read_more_calendars"]
    read_more_calendars.call(tuesday.isoformat())
    assert asked == ["0.ics", "1.ics", "2.ics"], "none twice"
    assert queued() == ["read_more_calendars"], "this pass is over"


# ---- what is written ---------------------------------------------------------------------------------------


def test_a_calendar_of_a_thousand_stretches_takes_few_statements(
    bob: Agent, site: Any, django_assert_max_num_queries: Any
) -> None:
    for day in (25, 26):
        make_shift(bob, site, at(9, day=day), at(17, day=day))
    row = follow(bob, 0)
    body = calendar(
        *(f"DTSTART:20261125T{h:02}0000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=DAILY" for h in (8, 10, 12))
    )
    before = site.version
    with django_assert_max_num_queries(20):
        assert reading.read_calendar(row, body, tz=site.commune.tz, now=TUESDAY) == 3 * 365
    assert ExternalBusy.objects.count() == 3 * 365
    site.refresh_from_db()
    assert site.version == before + 1, "its day page and screens change"
    forget(row)
    assert not Absence.objects.exists()


def test_the_page_of_absences_counts_what_a_calendar_says_and_lists_what_was_declared(
    client: Client, helper: Agent, commune: Any, site: Any
) -> None:
    body = calendar("DTSTART:20261125T080000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY")
    reading.read_calendar(follow(helper, 0), body, tz=commune.tz, now=TUESDAY)
    Absence.objects.create(agent=helper, commune=commune, starts_at=at(9, day=26), ends_at=at(12, day=26))
    answer = client.get("/equipe/absences/")
    assert [absence.starts_at for absence in answer.context["absences"]] == [at(9, day=26)]
    assert "Votre autre agenda\N{NO-BREAK SPACE}: 365 périodes occupées à venir." in answer.content.decode()
