"""What is held about a person is shown to them, all of it, and nothing of anybody else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from booking.models import Appointment, Resident
from privacy.held import PARTS, UNLINKED, as_file, read_held
from privacy.register import REGISTER
from tests.factories import TUESDAY
from tests.privacy.everything import Everything
from tests.privacy.everything_sent import write_answer
from tests.privacy.marks import every_row, rows_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

NOT_THEIRS = {
    # Rows with a key of theirs that are about somebody else.
    "notifications.Message": "to the neighbour, about the appointment that was the neighbour's before",
}


def file_of(here: Everything) -> dict[str, Any]:
    return as_file(read_held(here.resident, now=TUESDAY))


def rows_in(file: dict[str, Any]) -> set[tuple[str, str]]:
    """The table and the id of each row in the file."""
    return {(part["table"], str(row["id"])) for part in file["data"].values() for row in part["rows"]}


def test_every_column_about_residents_has_a_place() -> None:
    shown: dict[str, set[str]] = {}
    for part in PARTS:
        shown.setdefault(part.table, set()).update(part.names)
    unlinked = {each.table for each in UNLINKED}
    lacking = {
        table.name: sorted(set(table.resident.split()) - shown.get(table.name, set()))
        for table in REGISTER
        if table.resident and not (table.name in unlinked and table.name not in shown)
    }
    assert {name: columns for name, columns in lacking.items() if columns} == {}, (
        "say in privacy/held/ where the person sees this column, or in groups.py why nobody is found by it"
    )


def test_no_column_is_shown_that_the_register_does_not_know() -> None:
    known = {table.name: set(table.columns) for table in REGISTER}
    many = {"booking.WaitingEntry": {"sites"}, "notifications.Suppression": {"number"}}
    unknown = {
        part.key: sorted(part.names - known[part.table] - many.get(part.table, set())) for part in PARTS
    }
    assert {key: names for key, names in unknown.items() if names} == {}


def test_the_keys_of_the_file_are_each_used_once() -> None:
    assert len({part.key for part in PARTS}) == len(PARTS)


def test_all_that_a_search_of_every_table_finds_is_in_the_file() -> None:
    here = Everything()
    file = file_of(here)
    found = {
        (model._meta.label, str(pk))
        for model, pk, _word in rows_with(here.marks)
        if not is_of(here, model, pk)
    }
    assert found - rows_in(file) == set()
    text = json.dumps(file, cls=DjangoJSONEncoder).lower()
    stored = {word for _model, _pk, word in rows_with(here.marks)}
    assert {word for word in stored if word not in text} == set()


def is_of(here: Everything, model: type[models.Model], pk: Any) -> bool:
    """Whether it is the neighbour's own row, which has only the number that both have."""
    return (model._meta.label, pk) in {
        ("booking.ResidentPhone", phone.pk) for phone in here.neighbour.phones.all()
    }


def test_every_row_that_a_key_leads_to_is_in_the_file() -> None:
    here = Everything()
    listed = rows_in(file_of(here))
    assert {(label, pk) for label, pk in linked_rows(here) if (label, pk) not in listed} == set()


def linked_rows(here: Everything) -> Iterator[tuple[str, str]]:
    """Every row with a foreign key to a record of theirs or, through others, to a row that has one; not what
    is somebody else's, and not what merely stands in a row about them (a place, an agent)."""
    ours: dict[type[models.Model], set[Any]] = {Resident: set(here.records)}
    others = set(Appointment.objects.exclude(resident__in=here.records).values_list("pk", flat=True))
    rows = [(model, pk, values) for model, pk, values in every_row()]
    grew = True
    while grew:
        grew = False
        for model, pk, values in rows:
            if pk in ours.get(model, set()) or (model is Appointment and pk in others):
                continue
            if is_somebody_elses(here, model, values):
                continue
            for key in model._meta.concrete_fields:
                related = key.related_model
                if isinstance(related, type) and values[key.attname] in ours.get(related, set()):
                    ours.setdefault(model, set()).add(pk)
                    grew = True
    for model, pks in ours.items():
        yield from ((model._meta.label, str(pk)) for pk in pks)


def is_somebody_elses(here: Everything, model: type[models.Model], values: dict[str, Any]) -> bool:
    """A message to the neighbour, or what happened to an appointment while it was the neighbour's."""
    if values.get("resident_id") == here.neighbour.pk:
        return True
    return model._meta.label == "booking.AppointmentEvent" and values["pk" if "pk" in values else "id"] in {
        event.pk for event in here.given_to_them.events.all() if event.at < here.given_at
    }


def test_nothing_of_anybody_else_is_in_the_file() -> None:
    here = Everything()
    text = json.dumps(file_of(here), cls=DjangoJSONEncoder).lower()
    assert [word for word in here.others if word.lower() in text] == []
    assert f'"resident": {here.neighbour.pk},' not in text
    assert here.shared_number in text, "the number is theirs too"


def test_what_the_machine_does_not_know_whose_it_is_stays_out_if_a_number_is_shared() -> None:
    here = Everything()
    write_answer(here, here.shared_number, TUESDAY, marks=here.theirs)
    file = file_of(here)
    assert here.theirs.made[-1] not in json.dumps(file, cls=DjangoJSONEncoder)
    assert file["messages_of_shared_numbers_not_shown"] == 1


def test_instants_in_the_file_have_an_offset() -> None:
    file = file_of(Everything())
    (first, *_rest) = file["data"]["appointments"]["rows"]
    assert first["starts_at"].endswith("+01:00")
    assert file["made_at"] == "2026-11-24T10:00:00+01:00"


def test_the_names_in_the_file_stay() -> None:
    """Somebody reads the file with a program: a name that goes needs another format."""
    file = file_of(Everything())
    assert file["format"] == 1
    assert set(file["data"]) >= {
        "record",
        "phones",
        "appointments",
        "appointment_log",
        "session_notes",
        "waiting_list",
        "waiting_list_offers",
        "messages_sent",
        "messages_received",
        "provider_has_to_delete",
        "call_results",
        "consents",
        "stopped_numbers",
        "requests",
        "who_looked",
    }


def test_of_a_medical_visit_no_note_is_shown() -> None:
    here = Everything()
    file = file_of(here)
    medical = {visit.pk for visit in here.visits if visit.service.is_medical}
    assert {row["appointment"] for row in file["data"]["session_notes"]["rows"]} & medical == set()


def test_every_table_stands_in_the_file_of_somebody_with_everything() -> None:
    """Else the search above would show nothing for it."""
    file = file_of(Everything())
    empty = {key for key, part in file["data"].items() if not part["rows"]}
    assert empty <= {"who_looked"}


def test_reading_takes_no_more_queries_for_more_rows(django_assert_max_num_queries: Any) -> None:
    here = Everything()
    with django_assert_max_num_queries(50):
        file_of(here)


def test_every_model_of_a_part_is_the_table_that_it_names() -> None:
    here = Everything()
    held = read_held(here.resident, now=TUESDAY)
    for part in PARTS:
        assert {type(row) for row in held.rows[part.key]} <= {apps.get_model(part.table)}
