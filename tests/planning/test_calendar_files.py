"""What an agent is told of the events that were left out, and what becomes of a second file."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from agents.models import Absence, Agent
from planning.calendars.reading import forget, keep_upload, read_calendar, read_upload
from planning.errors import TooManyCalendars
from planning.forms import BESIDE
from planning.models import CalendarUpload, ExternalCalendar
from planning.tasks import read_calendar_upload
from tests.factories import PARIS, TUESDAY, at
from tests.planning.test_bad_events import CALENDARS
from tests.planning.test_external_calendars import DENTIST, calendar

pytestmark = pytest.mark.usefixtures("tuesday")

LATER = calendar(DENTIST.replace("T14", "T16").replace("T15", "T17"))


@pytest.fixture
def helper(client: Client, bob: Agent) -> Agent:
    client.force_login(bob)
    return bob


def send(client: Client, body: bytes, name: str, **answers: object) -> Any:
    file = BytesIO(body)
    file.name = name
    answer = client.post("/agendas/autres/", {"file": file, **answers})
    for upload in CalendarUpload.objects.all():
        read_calendar_upload.call(upload.pk)
    return answer


def shown(client: Client) -> str:
    """The list of followed calendars as text."""
    answer = client.get("/agendas/").content.decode()
    return " ".join(answer.split('id="followed"')[1].split("</form>\n      </div>")[0].split())


def starts(agent: Agent) -> list[int]:
    return [absence.starts_at.astimezone(PARIS).hour for absence in agent.absences.order_by("starts_at")]


# ---- what was left out -----------------------------------------------------------------------------------


def test_the_agent_reads_which_events_were_left_out_and_where_they_are(
    client: Client, helper: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    send(client, (CALENDARS / "one-bad-event.ics").read_bytes(), "agenda.ics")
    assert starts(helper) == [10]
    page = shown(client)
    assert "3 événements n’ont pas pu être lus et ne bloquent aucun horaire." in page
    assert "sans debut · ligne 4 · sans début" in page
    assert "date illisible · mercredi 25 novembre 2026 · ligne 9 · date illisible" in page
    assert "fin illisible · jeudi 26 novembre 2026 · ligne 15 · répétition illisible" in page
    assert "1 période occupée à venir" in page and "pas lu<" not in page
    assert "sans debut" not in caplog.text, "titles are for their agent alone"


def test_titles_go_when_the_calendar_is_mended_or_forgotten(client: Client, helper: Agent) -> None:
    send(client, (CALENDARS / "one-bad-event.ics").read_bytes(), "agenda.ics")
    [row] = ExternalCalendar.objects.all()
    send(client, calendar(DENTIST), "agenda.ics", place=row.pk)
    row.refresh_from_db()
    assert (row.left_out, row.left_out_first) == (0, [])
    assert "sans debut" not in shown(client)


def test_more_than_a_few_are_counted(client: Client, helper: Agent) -> None:
    send(client, calendar(*["SUMMARY:<b>Réunion</b>"] * 9, DENTIST), "agenda.ics")
    page = shown(client)
    assert "9 événements" in page and "et 4 autres" in page
    assert page.count("&lt;b&gt;Réunion") == 5 and "<b>" not in page


def test_a_calendar_of_bad_events_alone_is_refused_and_names_them_and_what_was_read_stays(
    client: Client, helper: Agent
) -> None:
    send(client, calendar(DENTIST), "agenda.ics")
    send(client, calendar("SUMMARY:"), "agenda.ics", place=ExternalCalendar.objects.get().pk)
    page = shown(client)
    assert "pas lu" in page and "Aucun événement de cet agenda n’a été compris." in page
    assert "événement sans intitulé · ligne 4 · sans début" in page
    assert "Le fichier précédent compte toujours" in page
    assert starts(helper) == [14]


def test_at_an_address_lines_are_not_told_and_a_failure_leaves_what_was_told(
    client: Client, helper: Agent
) -> None:
    row = ExternalCalendar.objects.create(agent=helper, url="https://a.example/x.ics", created_at=TUESDAY)
    read_calendar(row, calendar(DENTIST, "DTSTART:2026-11-25 09:00\r\nSUMMARY:x"), tz=PARIS, now=TUESDAY)
    assert "x · mercredi 25 novembre 2026 · date illisible" in shown(client)
    assert "Un événement n’a pas pu être lu" in shown(client)
    ExternalCalendar.objects.update(problem="unreachable")
    assert "x · mercredi 25 novembre 2026" in shown(client)


def test_an_invitation_that_the_agent_declined_by_their_own_address_is_not_busy(bob: Agent) -> None:
    answers = "ATTENDEE;PARTSTAT={}:mailto:Bob@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:x@example.org"
    row = ExternalCalendar.objects.create(agent=bob, url="https://a.example/x.ics", created_at=TUESDAY)
    declined = calendar(f"{DENTIST}\r\n{answers.format('DECLINED')}")
    assert read_calendar(row, declined, tz=PARIS, now=TUESDAY) == 1, "whose address it is, nobody knows"
    bob.email = row.agent.email = "bob@example.org"
    bob.save()
    assert read_calendar(row, declined, tz=PARIS, now=TUESDAY) == 0
    accepted = calendar(f"{DENTIST}\r\n{answers.format('ACCEPTED')}")
    assert read_calendar(row, accepted, tz=PARIS, now=TUESDAY) == 1


# ---- a second file -----------------------------------------------------------------------------------------


def test_the_first_file_asks_nothing_and_the_second_asks_for_its_place(client: Client, helper: Agent) -> None:
    assert 'name="place"' not in client.get("/agendas/").content.decode()
    assert send(client, calendar(DENTIST), "travail.ics").status_code == 302
    page = client.get("/agendas/").content.decode()
    assert (
        "Le nouveau fichier" in page and "remplace «\N{NO-BREAK SPACE}travail.ics\N{NO-BREAK SPACE}»" in page
    )
    refused = send(client, LATER, "famille.ics")
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["place"]
    assert starts(helper) == [14] and ExternalCalendar.objects.count() == 1, "nothing is replaced in silence"


def test_a_file_beside_another_counts_too_and_each_is_named(client: Client, helper: Agent) -> None:
    send(client, calendar(DENTIST), "travail.ics")
    assert send(client, LATER, "famille.ics", place=BESIDE).status_code == 302
    assert starts(helper) == [14, 16]
    assert "travail.ics" in shown(client) and "famille.ics" in shown(client)
    forget(ExternalCalendar.objects.get(file_name="travail.ics"))
    assert starts(helper) == [16]


def test_a_file_in_the_place_of_another_replaces_that_one_alone(client: Client, helper: Agent) -> None:
    send(client, calendar(DENTIST), "travail.ics")
    send(client, LATER, "famille.ics", place=BESIDE)
    work = ExternalCalendar.objects.get(file_name="travail.ics")
    send(client, calendar(DENTIST.replace("T14", "T10").replace("T15", "T11")), "neuf.ics", place=work.pk)
    assert starts(helper) == [10, 16]
    assert sorted(ExternalCalendar.objects.values_list("file_name", flat=True)) == ["famille.ics", "neuf.ics"]


@pytest.mark.parametrize("place", ["0", "x", "-1", "é"])
def test_a_place_that_is_none_is_refused_at_its_field(client: Client, helper: Agent, place: str) -> None:
    send(client, calendar(DENTIST), "travail.ics")
    answer = send(client, LATER, "famille.ics", place=place)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["place"])


def test_nobody_replaces_the_file_of_somebody_else(client: Client, helper: Agent, charlie: Agent) -> None:
    theirs = keep_upload(agent=charlie, body=calendar(DENTIST), now=TUESDAY, name="x.ics").calendar
    send(client, calendar(DENTIST), "travail.ics")
    assert send(client, LATER, "famille.ics", place=theirs.pk).status_code == 422
    theirs.refresh_from_db()
    assert theirs.file_name == "x.ics"


def test_an_address_asks_for_no_place(client: Client, helper: Agent) -> None:
    send(client, calendar(DENTIST), "travail.ics")
    assert client.post("/agendas/autres/", {"url": "https://a.example/x"}).status_code == 302


def test_a_sixth_calendar_is_refused_and_replacing_is_not(bob: Agent) -> None:
    for number in range(5):
        keep_upload(agent=bob, body=calendar(DENTIST), now=TUESDAY, name=f"{number}.ics")
    with pytest.raises(TooManyCalendars):
        keep_upload(agent=bob, body=LATER, now=TUESDAY)
    [first, *_others] = ExternalCalendar.objects.order_by("id")
    keep_upload(agent=bob, body=LATER, now=TUESDAY, instead_of=first)
    assert (ExternalCalendar.objects.count(), CalendarUpload.objects.count()) == (5, 5)


def test_a_file_in_the_place_of_one_that_is_forgotten_meanwhile_stands_by_itself(bob: Agent) -> None:
    gone = keep_upload(agent=bob, body=calendar(DENTIST), now=TUESDAY).calendar
    ExternalCalendar.objects.get(pk=gone.pk).delete()
    assert read_upload(keep_upload(agent=bob, body=LATER, now=TUESDAY, instead_of=gone), now=TUESDAY)
    assert Absence.objects.get().starts_at == at(16, day=25)


# ---- addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["webcal://a.example/x.ics", " WebCals://a.example/x.ics", "a.example/x.ics"]
)
def test_an_address_as_calendar_services_write_it_is_https(
    client: Client, helper: Agent, written: str
) -> None:
    for _twice in range(2):
        assert client.post("/agendas/autres/", {"url": written}).status_code == 302
    assert ExternalCalendar.objects.get().url == "https://a.example/x.ics"


def test_a_file_of_the_past_takes_no_place_in_the_list_of_what_is_busy(client: Client, helper: Agent) -> None:
    last_year = [f"DTSTART:2025{1 + n % 12:02}{1 + n % 28:02}T090000Z\r\nDURATION:PT1M" for n in range(5000)]
    send(client, calendar(*last_year, DENTIST), "agenda.ics")
    assert starts(helper) == [14]
    assert ExternalCalendar.objects.get().problem == ""
