"""The register of requests: written down, answered, refused, with the deadline of the law."""

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions import merge_residents
from booking.log import Actor
from booking.models import Resident
from communes.models import Commune
from core.edits import RecordGone
from privacy import actions
from privacy.enums import AlarmKind, CameBy, Refusal, RequestState, Right
from privacy.errors import TooLateToReopen
from privacy.models import ConsultationAlarm, RightsRequest
from tests.factories import TUESDAY, make_commune, make_resident
from tests.notifications.test_pages import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

TODAY = TUESDAY.date()


@pytest.fixture
def resident(commune: Commune) -> Resident:
    return make_resident(commune)


@pytest.fixture
def manager(client: Client, dana: Any) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def asked(commune: Commune, resident: Resident, alice: Any) -> Any:
    def ask(right: Right = Right.ACCESS, days_ago: int = 3, who: Resident | None = resident) -> RightsRequest:
        return actions.open_request(
            commune=commune,
            resident=who,
            right=right,
            came_by=CameBy.LETTER,
            asked_on=TODAY - timedelta(days=days_ago),
            by=alice,
            now=TUESDAY,
        )

    return ask


def register(client: Client, **query: str) -> str:
    return words(client.get(reverse("rights-requests"), query))


def send(client: Client, name: str, row: RightsRequest, **fields: str) -> Any:
    return client.post(reverse(f"rights-request-{name}", args=[row.pk]), fields, follow=True)


def test_the_empty_register_says_what_it_is_for(manager: Client) -> None:
    assert "Aucune demande pour l’instant." in register(manager)


def test_open_requests_come_first_the_next_deadline_at_the_top(
    manager: Client, asked: Any, alice: Any
) -> None:
    asked(Right.LIMITATION, 3)
    late = asked(Right.ERASURE, 40)
    done = asked(Right.OBJECTION, 5)
    actions.close_request(request=done, by=alice, now=TUESDAY, proof={"shown": {"a": 2, "b": 3}})
    shown = register(manager)
    assert "1 demande est en retard." in shown
    assert late.due_on == date(2026, 11, 15)
    assert "en retard de 9 jours" in shown
    titles = ["Effacement", "Limitation", "Opposition"]
    places = [shown.index(title, shown.index("en retard.")) for title in titles]
    assert places == sorted(places)
    assert "5 éléments remis" in shown


def test_a_request_is_written_down_by_the_desk(client: Client, alice: Any, resident: Resident) -> None:
    client.force_login(alice)
    address = reverse("rights-request-new")
    assert str(resident) in words(client.get(address, {"resident": resident.pk}))
    response = client.post(
        address,
        {"resident": resident.pk, "right": "access", "came_by": "phone", "asked_on": "2026-11-20"},
        follow=True,
    )
    assert "avant le 20 décembre 2026, ce jour compris" in words(response)
    (row,) = RightsRequest.objects.all()
    assert (row.resident, row.right, row.came_by, row.opened_by) == (resident, "access", "phone", alice)
    assert row.state == RequestState.OPEN


def test_somebody_without_a_record_can_ask_too(manager: Client) -> None:
    fields = {"right": "erasure", "came_by": "letter", "asked_on": "2026-11-20"}
    manager.post(reverse("rights-request-new"), fields)
    row = RightsRequest.objects.get()
    assert row.resident is None
    assert "sans fiche" in register(manager)


def test_a_letter_of_somebody_without_a_record_is_told_by_its_number(manager: Client) -> None:
    """The register has no name: two letters of one day look alike but for the number on them."""
    fields = {"right": "erasure", "came_by": "letter", "asked_on": "2026-11-20"}
    said = words(manager.post(reverse("rights-request-new"), fields, follow=True))
    row = RightsRequest.objects.get()
    assert f"Écrivez n° {row.pk} sur sa lettre" in said
    assert f"Effacement n° {row.pk}" in register(manager)


def test_the_person_is_looked_for_without_a_name_in_the_address(manager: Client, resident: Resident) -> None:
    response = manager.post(reverse("rights-request-find"), {"q": resident.last_name})
    assert f"?resident={resident.pk}" in response.content.decode()
    assert manager.get(reverse("rights-request-find")).status_code == 405


@pytest.mark.parametrize(
    ("field", "value"),
    [("asked_on", "2026-11-25"), ("asked_on", ""), ("right", "all"), ("came_by", "pigeon")],
)
def test_what_is_wrong_is_said_beside_the_field(manager: Client, field: str, value: str) -> None:
    sent = {"right": "access", "came_by": "desk", "asked_on": "2026-11-24", field: value}
    response = manager.post(reverse("rights-request-new"), sent)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode() or "id_right_error" in response.content.decode()
    assert not RightsRequest.objects.exists()


def test_a_resident_of_another_commune_is_nobody(manager: Client) -> None:
    stranger = make_resident(make_commune(), first_name="Ailleurs")
    address = reverse("rights-request-new")
    assert "Ailleurs" not in words(manager.get(address, {"resident": stranger.pk}))
    sent = {"resident": stranger.pk, "right": "access", "came_by": "desk", "asked_on": "2026-11-24"}
    assert manager.post(address, sent).status_code == 422


def test_it_is_closed_and_opened_again_within_a_day(
    manager: Client, asked: Any, dana: Any, set_clock: Any
) -> None:
    row = asked()
    send(manager, "close", row)
    row.refresh_from_db()
    assert (row.state, row.closed_by) == (RequestState.DONE, dana)
    send(manager, "reopen", row)
    row.refresh_from_db()
    assert (row.state, row.closed_at, row.proof) == (RequestState.OPEN, None, {})
    send(manager, "close", row)
    later = TUESDAY + timedelta(days=1)
    set_clock(later)
    assert "il y a plus d’un jour" in words(send(manager, "reopen", row))
    row.refresh_from_db()
    with pytest.raises(TooLateToReopen):
        actions.reopen_request(request=row, now=later)


def test_an_erasure_that_was_done_is_not_opened_again(asked: Any, alice: Any) -> None:
    row = actions.close_request(request=asked(Right.ERASURE), by=alice, now=TUESDAY)
    assert not actions.may_be_reopened(row, TUESDAY)
    refused = actions.refuse_request(request=asked(Right.ERASURE), why=Refusal.LAW, by=alice, now=TUESDAY)
    assert actions.may_be_reopened(refused, TUESDAY)


def test_a_refusal_needs_a_reason(manager: Client, asked: Any) -> None:
    row = asked()
    assert send(manager, "refuse", row).status_code == 422
    send(manager, "refuse", row, why="excessive")
    row.refresh_from_db()
    assert (row.state, row.refusal) == (RequestState.REFUSED, Refusal.EXCESSIVE)
    assert "sans raison" in register(manager) or row.get_refusal_display() in register(manager)


def test_there_are_two_more_months_once(manager: Client, asked: Any) -> None:
    row = asked(days_ago=3)
    for _again in range(2):
        send(manager, "extend", row)
        row.refresh_from_db()
        assert row.due_on == date(2027, 2, 21)


def test_what_is_answered_is_not_answered_twice(manager: Client, asked: Any) -> None:
    row = asked()
    send(manager, "close", row)
    for name, fields in (("close", {}), ("extend", {}), ("refuse", {"why": "law"})):
        send(manager, name, row, **fields)
        row.refresh_from_db()
        assert (row.state, row.is_extended) == (RequestState.DONE, False)


def test_the_filter_lists_what_was_asked_for(manager: Client, asked: Any, alice: Any) -> None:
    asked(Right.LIMITATION)
    actions.close_request(request=asked(Right.OBJECTION), by=alice, now=TUESDAY)
    shown = register(manager, state="done")
    assert "Close le" in shown and "Réponse avant le" not in shown
    assert "Aucune demande de ce type." in register(manager, right="erasure")
    assert "Réponse avant le" in register(manager, state="nonsense")


def test_the_file_names_nobody(manager: Client, asked: Any, resident: Resident) -> None:
    asked()
    response = manager.get(reverse("rights-requests-csv"))
    assert response["Content-Type"] == "text/csv"
    text = response.content.decode()
    assert resident.last_name not in text and resident.first_name not in text
    (row,) = csv.DictReader(StringIO(text))
    assert (row["recue_le"], row["a_repondre_avant"]) == ("2026-11-21", "2026-12-21")


def test_the_bar_counts_what_is_due_soon(manager: Client, asked: Any) -> None:
    address = reverse("rights-requests-count")
    asked(days_ago=3)
    assert words(manager.get(address)).strip() == ""
    asked(days_ago=21)
    asked(days_ago=40)
    assert words(manager.get(address)).split()[0].startswith("2")


def test_requests_follow_a_record_that_is_merged(
    commune: Commune, resident: Resident, asked: Any, alice: Any
) -> None:
    twin = make_resident(commune)
    row = asked(who=twin)
    merge_residents(keep=resident, duplicate=twin, by=Actor.agent(alice), now=TUESDAY)
    row.refresh_from_db()
    assert row.resident == resident


def test_a_request_of_another_commune_is_not_there(manager: Client, charlie: Any, asked: Any) -> None:
    row = asked()
    manager.force_login(charlie)
    for name in ("close", "refuse", "extend", "reopen"):
        assert manager.post(reverse(f"rights-request-{name}", args=[row.pk])).status_code == 404
    assert "Aucune demande pour l’instant." in register(manager)


def test_a_request_about_a_record_merged_meanwhile_is_about_the_one_that_stays(
    commune: Commune, resident: Resident, asked: Any, dana: Any
) -> None:
    keep = make_resident(commune)
    merge_residents(keep=keep, duplicate=resident, by=Actor.system(), now=TUESDAY)
    assert asked(who=resident).resident == keep
    given = actions.note_access_given(resident=resident, came_by=CameBy.DESK, counts={}, by=dana, now=TUESDAY)
    assert given.resident == keep


def test_a_request_about_a_record_erased_meanwhile_is_refused(
    commune: Commune, resident: Resident, asked: Any, dana: Any
) -> None:
    gone = Resident.objects.get(pk=resident.pk)
    resident.delete()
    with pytest.raises(RecordGone):
        asked(who=gone)
    with pytest.raises(RecordGone):
        actions.note_access_given(resident=gone, came_by=CameBy.DESK, counts={}, by=dana, now=TUESDAY)
    assert not RightsRequest.objects.exists()


def test_access_noted_by_a_clock_that_was_ahead_hides_none_that_is_given_now(
    resident: Resident, dana: Any
) -> None:
    of = {"resident": resident, "came_by": CameBy.DESK, "counts": {}, "by": dana}
    ahead = actions.note_access_given(now=TUESDAY + timedelta(days=365), **of)
    assert actions.note_access_given(now=TUESDAY, **of) != ahead


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        ({"corrected": 2}, "2 valeurs corrigées"),
        (
            {"what": "calls", "numbers": 1},
            "accord retiré : les appels et les SMS à ses numéros, 1 numéro n’est plus appelé",
        ),
        ({"what": "messages", "waiting": 2}, "2 messages arrêtés"),
        ({"what": "contact", "deleted": 1}, "accord retiré : un proche à prévenir, 1 élément effacé"),
        ({"what": "needs", "notes": 2}, "2 notes vidées"),
        ({"why": "claim", "cancelled": 1, "kept": 2, "given_back": 0}, "1 rendez-vous annulé, 2 rendez-vous"),
        ({"why": "claim", "lifted_on": "2026-11-24", "was_told": True}, "levée le 24 novembre 2026"),
        (
            {"reason": "heirs", "coming": "cancel", "kept": 0, "rows": {"a": 3}},
            "3 éléments effacés, rendez-vous à venir annulés",
        ),
        ({"reason": "asked", "coming": "keep", "kept": 1, "rows": {"a": 1}}, "1 rendez-vous gardé"),
    ],
)
def test_what_was_done_is_said_in_words(
    manager: Client, asked: Any, alice: Any, proof: dict[str, object], said: str
) -> None:
    actions.close_request(request=asked(), by=alice, now=TUESDAY, proof=proof)
    assert said in register(manager)


def test_the_bar_counts_what_is_due_within_ten_days_and_alarms(
    manager: Client, asked: Any, commune: Commune, alice: Any
) -> None:
    address = reverse("privacy-count")
    asked(days_ago=19)  # 11 days left
    assert manager.get(address).content.strip() == b""
    asked(days_ago=20)
    asked(days_ago=40)
    assert "2 demandes à traiter bientôt" in words(manager.get(address))
    kind = AlarmKind.OPENED
    ConsultationAlarm.objects.create(commune=commune, agent=alice, at=TUESDAY, kind=kind, people=41)
    counted = words(manager.get(address))
    assert counted.startswith(" 3 ") and "1 alerte" in counted and "2 demandes" in counted
