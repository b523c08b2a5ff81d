"""The history of a resident's record: who changed what, and one change put back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agents.models import Agent
from booking import actions
from booking.actions.residents import resident_values
from booking.enums import ResidentChangeKind
from booking.log import Actor
from booking.models import Resident, ResidentChange
from communes.models import Cabin, Commune, Service
from core.edits import Edit, EditConflict, plain_values
from core.roles import Role
from privacy.models import RightsRequest
from tests.edits import edit_form
from tests.factories import (
    TUESDAY,
    at,
    make_agent,
    make_appointment,
    make_commune,
    make_resident,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

OLD, NEW = "+33639981234", "+33639981244"


@pytest.fixture
def fatima(commune: Commune) -> Resident:
    return make_resident(commune, OLD)


def edited(who: Resident, by: Agent, wanted: dict[str, Any], **how: Any) -> ResidentChange:
    who.refresh_from_db()
    edit = Edit(plain_values(resident_values(who)), by, TUESDAY)
    actions.edit_resident(resident=who, wanted=wanted, edit=edit, **how)
    return who.changes.latest("pk")


def test_a_change_says_who_made_it_and_what_was_before(fatima: Resident, alice: Agent) -> None:
    change = edited(fatima, alice, {"last_name": "Benali", "birth_year": 1960})

    assert change.values == {"last_name": ["Bensaïd", "Benali"], "birth_year": [None, 1960]}
    assert (change.kind, change.actor, change.agent, change.is_asked) == ("changed", "agent", alice, False)


def test_a_corrected_number_is_one_that_goes_and_one_that_comes(fatima: Resident, alice: Agent) -> None:
    change = edited(fatima, alice, {f"phone:{OLD}": (NEW, "self", True, None, None, "")})

    assert change.values == {
        f"phone:{OLD}": [[OLD, "self", True, None, None, None], None],
        f"phone:{NEW}": [None, [NEW, "self", True, None, None, None]],
    }


def test_a_form_that_changes_nothing_leaves_no_entry(fatima: Resident, alice: Agent) -> None:
    edit = Edit(plain_values(resident_values(fatima)), alice, TUESDAY)
    actions.edit_resident(resident=fatima, wanted={"last_name": fatima.last_name}, edit=edit, is_asked=True)

    assert not fatima.changes.exists()
    assert not RightsRequest.objects.exists()


def test_what_the_person_asked_for_answers_their_right(fatima: Resident, alice: Agent) -> None:
    edited(fatima, alice, {"last_name": "Benali"}, is_asked=True)

    request = RightsRequest.objects.get()
    assert (request.right, request.state, request.resident, request.closed_by) == (
        "correction",
        "done",
        fatima,
        alice,
    )
    assert request.proof == {"corrected": 1}


def test_the_history_of_a_merged_record_goes_to_the_one_kept(
    commune: Commune, fatima: Resident, alice: Agent
) -> None:
    twin = make_resident(commune, NEW, first_name="Fatima", email="f@example.org")
    theirs = edited(twin, alice, {"birth_year": 1960})

    by = Actor.agent(alice)
    actions.merge_residents(keep=fatima, duplicate=twin, by=by, now=TUESDAY)

    merged, earlier = fatima.changes.all()
    assert (earlier, earlier.is_of_merged) == (theirs, True)
    assert merged.kind == ResidentChangeKind.MERGED
    assert merged.values == {
        "birth_year": [None, 1960],
        "email": [None, "f@example.org"],
        f"phone:{NEW}": [None, [NEW, "self", True, None, None, None]],
    }


def test_a_number_left_on_a_screen_begins_the_history(cabin: Cabin, service: Service) -> None:
    visit = make_appointment(cabin, service, at(14))
    left = actions.leave_number(
        appointment=visit, number_e164=NEW, language="ar", by=Actor.screen(), now=TUESDAY
    )

    change = left.changes.get()
    assert (change.kind, change.actor, list(change.values)) == ("left", "screen", [f"phone:{NEW}"])


def test_the_history_goes_with_the_record(fatima: Resident, alice: Agent) -> None:
    edited(fatima, alice, {"last_name": "Benali"})
    fatima.delete()

    assert not ResidentChange.objects.exists()


# ---- put back ------------------------------------------------------------------------------------------


def test_one_change_is_put_back_and_the_others_stay(fatima: Resident, alice: Agent, dana: Agent) -> None:
    name = edited(fatima, alice, {"last_name": "Benali"})
    edited(fatima, alice, {"birth_year": 1960})

    actions.put_back_resident(change=name, by=dana, now=TUESDAY + timedelta(minutes=1))

    fatima.refresh_from_db()
    assert (fatima.last_name, fatima.birth_year) == ("Bensaïd", 1960)
    last = fatima.changes.latest("pk")
    assert (last.kind, last.agent, last.values) == ("put_back", dana, {"last_name": ["Benali", "Bensaïd"]})


def test_what_was_changed_again_is_not_put_back(fatima: Resident, alice: Agent) -> None:
    first = edited(fatima, alice, {"last_name": "Benali"})
    edited(fatima, alice, {"last_name": "Martin"})

    with pytest.raises(EditConflict):
        actions.put_back_resident(change=first, by=alice, now=TUESDAY)

    fatima.refresh_from_db()
    assert fatima.last_name == "Martin"


def test_what_was_put_back_can_be_put_back(fatima: Resident, alice: Agent) -> None:
    before = plain_values(resident_values(fatima))
    change = edited(fatima, alice, {f"phone:{OLD}": (NEW, "family", False, at(9).time(), None, "sa fille")})
    after = plain_values(resident_values(fatima))

    actions.put_back_resident(change=change, by=alice, now=TUESDAY)
    assert plain_values(resident_values(Resident.objects.get(pk=fatima.pk))) == before
    actions.put_back_resident(change=fatima.changes.latest("pk"), by=alice, now=TUESDAY)
    assert plain_values(resident_values(Resident.objects.get(pk=fatima.pk))) == after


def test_what_came_of_another_record_is_not_put_back(
    commune: Commune, fatima: Resident, alice: Agent
) -> None:
    twin = make_resident(commune, first_name="Fatima")
    theirs = edited(twin, alice, {"birth_year": 1960})
    actions.merge_residents(keep=fatima, duplicate=twin, by=Actor.agent(alice), now=TUESDAY)
    theirs.refresh_from_db()

    with pytest.raises(EditConflict):
        actions.put_back_resident(change=theirs, by=alice, now=TUESDAY)


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(["Fatima", "Fathia", "F"]),
        "birth_year": st.sampled_from([None, 1950, 1960]),
        "languages": st.lists(st.sampled_from(["ar", "en"]), unique=True),
        "contact_is_told": st.booleans(),
        "reach_by": st.sampled_from(["sms", "voice", "none"]),
        f"phone:{OLD}": st.sampled_from(
            [None, (OLD, "self", True, None, None, ""), (OLD, "family", False, None, None, "sa fille")]
        ),
    },
)


class TestHistory(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(st.lists(VALUES, min_size=1, max_size=5))
    def test_the_history_leads_back_to_every_state(self, edits: list[dict[str, Any]]) -> None:
        commune = make_commune()
        alice, fatima = make_agent(commune, Role.DESK), make_resident(commune, OLD)
        states = [plain_values(resident_values(fatima))]
        for wanted in edits:
            edit = Edit(states[-1], alice, TUESDAY)
            actions.edit_resident(resident=fatima, wanted=wanted, edit=edit)
            states.append(plain_values(resident_values(Resident.objects.get(pk=fatima.pk))))
        known = dict(states[-1])
        for change in fatima.changes.all():
            for name, (before, after) in change.values.items():
                assert known.get(name) == after
                known[name] = before
        kept = {name: value for name, value in known.items() if value is not None}
        assert kept == {name: value for name, value in states[0].items() if value is not None}


# ---- the page ------------------------------------------------------------------------------------------


def test_the_page_shows_the_history_and_puts_back(client: Client, fatima: Resident, alice: Agent) -> None:
    change = edited(fatima, alice, {"last_name": "Benali"}, is_asked=True)
    client.force_login(alice)

    page = client.get(reverse("resident", args=[fatima.pk])).content.decode()
    assert "Historique de la fiche" in page
    assert "Benali (avant : Bensaïd)" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert alice.short_name in page
    client.post(reverse("resident-undo", args=[change.pk]))

    fatima.refresh_from_db()
    assert fatima.last_name == "Bensaïd"


def test_the_form_has_a_box_for_what_the_person_asked(client: Client, fatima: Resident, alice: Agent) -> None:
    client.force_login(alice)
    page = client.get(reverse("resident", args=[fatima.pk]))
    form = edit_form(page, "")

    client.post(reverse("resident", args=[fatima.pk]), {**form.sent, "last_name": "Benali", "is_asked": "on"})

    assert fatima.changes.get().is_asked
    assert RightsRequest.objects.get().right == "correction"


def test_a_change_of_another_commune_is_not_there(client: Client, alice: Agent) -> None:
    other = make_commune()
    stranger = make_resident(other)
    theirs = edited(stranger, make_agent(other, Role.DESK), {"last_name": "Benali"})
    client.force_login(alice)

    assert client.post(reverse("resident-undo", args=[theirs.pk])).status_code == 404
