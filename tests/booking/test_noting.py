"""What came of a session, noted from its end until its day is closed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from booking import actions
from booking.enums import EventKind, Outcome, Status
from booking.errors import AlreadyCounted, NotForMedical, StatusRefused
from booking.models import Appointment, MonthlySum, VisitNote, VisitRecord
from booking.national import Autonomy, Length, Material, Orientation, in_list_order, length_class
from booking.records import rebuilt
from communes.enums import Theme
from core.days import months_before
from core.edits import Edit, EditConflict
from tests.booking.machine import told_of
from tests.booking.towns import Town, counts, do, fresh, last_event, told
from tests.factories import TUESDAY, at, make_service

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TWO, THREE = at(14), at(15)
SAID: dict[str, Any] = {
    "outcome": Outcome.PARTLY,
    "themes": [Theme.MONEY, Theme.EMAIL],
    "equipment_used": [Material.TABLET, Material.COMPUTER],
    "autonomy": Autonomy.PARTLY,
    "orientation": [Orientation.SOCIAL_AID],
}


@pytest.fixture
def town(set_clock: Any) -> Town:
    return Town()


def ended(town: Town, start: datetime = TWO, **fields: Any) -> Appointment:
    booked = town.given(start, helper=town.bob, **fields)
    do(actions.start_session, booked, now=start)
    do(actions.end_session, booked, now=start + timedelta(minutes=30))
    return booked


def note(visit: Appointment, values: dict[str, Any] = SAID, now: Any = THREE, **how: Any) -> Appointment:
    return do(actions.note_visit, visit, now=now, values=values, **how)


# ---- what is written -------------------------------------------------------------------------------


def test_it_is_kept_by_codes_in_the_order_of_the_lists_and_its_record_follows(town: Town) -> None:
    visit = ended(town)
    note(visit)
    kept = VisitNote.objects.get()
    assert (kept.themes, kept.equipment_used) == (["email", "argent_impots"], ["ordinateur", "tablette"])
    assert (kept.autonomy, kept.orientation) == ("partiellement_autonome", ["aide_sociale"])
    record = VisitRecord.objects.get()
    assert (record.outcome, record.themes_noted) == ("partly", ["email", "argent_impots"])
    assert (record.equipment_used, record.autonomy) == (["ordinateur", "tablette"], "partiellement_autonome")
    assert record.orientation == ["aide_sociale"]
    assert fresh(visit).outcome == Outcome.PARTLY
    assert told_of(record) == told_of(rebuilt(fresh(visit)))


def test_the_log_says_that_and_by_whom_it_was_noted_and_of_the_codes_only_the_outcome(town: Town) -> None:
    visit = ended(town)
    note(visit)
    event = last_event(visit)
    assert (event.kind, event.changes) == (EventKind.NOTED, {"outcome": ["", "partly"]})
    note(visit)
    assert told(visit).count(EventKind.NOTED) == 1, "the same again is no change"


def test_nothing_is_obligatory_and_what_is_not_said_stays(town: Town) -> None:
    visit = ended(town)
    note(visit, {})
    assert VisitNote.objects.get().themes == [] and VisitRecord.objects.get().outcome == ""
    note(visit, {"autonomy": "autonome"})
    note(visit, {"themes": ["email"]})
    kept = VisitNote.objects.get()
    assert (kept.autonomy, kept.themes) == ("autonome", ["email"])
    note(visit, {"autonomy": "", "themes": []})
    record = VisitRecord.objects.get()
    assert (record.autonomy, record.themes_noted) == ("", [])


@pytest.mark.parametrize(
    "values",
    [{"themes": ["lune"]}, {"autonomy": "lune"}, {"outcome": "lune"}, {"orientation": ["x"]}, {"note": "x"}],
)
def test_only_codes_of_the_lists_are_taken(town: Town, values: dict[str, Any]) -> None:
    visit = ended(town)
    with pytest.raises(ValueError, match=r"lune|x|note"):
        note(visit, values)
    assert not VisitNote.objects.exists()


# ---- when ------------------------------------------------------------------------------------------


def test_only_what_is_over_is_noted(town: Town) -> None:
    for status in (Status.BOOKED, Status.IN_SESSION, Status.NO_SHOW, Status.CANCELLED, Status.UNRECORDED):
        start = at(9) + 20 * timedelta(minutes=3) * len(Appointment.objects.all())
        with pytest.raises(StatusRefused):
            note(town.given(start, status=status), now=at(18))
    assert not VisitNote.objects.exists()


def test_it_can_be_noted_and_changed_until_its_day_is_closed(town: Town) -> None:
    visit = ended(town)
    note(visit, now=TUESDAY + 7 * DAY)
    note(visit, {"outcome": "solved"}, now=TUESDAY + 7 * DAY)
    assert VisitRecord.objects.get().outcome == "solved"
    before = Appointment.objects.values().get(), VisitNote.objects.values().get()
    with pytest.raises(AlreadyCounted):
        note(visit, {"outcome": "referred"}, now=TUESDAY + 8 * DAY)
    assert (Appointment.objects.values().get(), VisitNote.objects.values().get()) == before


def test_a_record_that_was_closed_is_not_changed_whatever_the_clock_says(town: Town) -> None:
    visit = ended(town)
    actions.close_days(now=TUESDAY + 9 * DAY)
    with pytest.raises(AlreadyCounted):
        note(visit, now=at(15))
    assert not VisitNote.objects.exists() and fresh(visit).outcome == ""


def test_a_visit_noted_afterwards_has_a_note_too(town: Town) -> None:
    visit = town.given(at(14), helper=town.bob)
    do(actions.record_attendance, visit, now=TUESDAY + DAY)
    note(visit, now=TUESDAY + DAY)
    assert VisitRecord.objects.get().themes_noted == ["email", "argent_impots"]


# ---- undo ------------------------------------------------------------------------------------------


def test_an_undone_end_keeps_the_note_for_the_next_one(town: Town) -> None:
    visit = ended(town)
    note(visit)
    before = told_of(VisitRecord.objects.get())
    do(actions.undo_end, visit, now=at(15))
    assert counts() == {} and VisitNote.objects.exists()
    do(actions.end_session, visit, now=at(14, 30))
    assert told_of(VisitRecord.objects.get()) == before
    do(actions.undo_end, visit, now=at(15))
    do(actions.end_session, visit, now=at(15), outcome=Outcome.SOLVED)
    record = VisitRecord.objects.get()
    assert (record.outcome, record.autonomy) == ("solved", "partiellement_autonome")


def test_a_note_that_somebody_came_can_be_undone_and_made_again(town: Town) -> None:
    visit = town.given(at(14), helper=town.bob)
    do(actions.record_attendance, visit, now=TUESDAY + DAY)
    note(visit, now=TUESDAY + DAY)
    do(actions.undo_came, visit, now=TUESDAY + DAY)
    do(actions.mark_no_show, visit, now=TUESDAY + DAY)
    record = VisitRecord.objects.get()
    assert (record.ended_as, record.outcome, record.themes_noted) == ("no_show", "", [])
    do(actions.undo_no_show, visit, now=TUESDAY + DAY)
    do(actions.record_attendance, visit, now=TUESDAY + DAY)
    assert VisitRecord.objects.get().autonomy == "partiellement_autonome"


def test_it_goes_with_its_appointment_and_its_figure_stays(town: Town) -> None:
    visit = ended(town)
    note(visit)
    visit.delete()
    assert not VisitNote.objects.exists()
    assert VisitRecord.objects.get().autonomy == "partiellement_autonome"


# ---- medical ---------------------------------------------------------------------------------------


def test_nothing_is_noted_about_a_medical_visit(town: Town) -> None:
    medical = make_service(town.commune, name="Médecin", slug="medecin", is_medical=True)
    visit = ended(town, service=medical)
    with pytest.raises(NotForMedical):
        note(visit)
    assert not VisitNote.objects.exists()
    do(actions.undo_end, visit, now=at(15))
    with pytest.raises(NotForMedical):
        do(actions.end_session, visit, now=at(15), outcome=Outcome.SOLVED)
    record = record_of_medical(visit)
    assert record.is_medical and (record.outcome, record.themes_noted) == ("", [])


def record_of_medical(visit: Appointment) -> VisitRecord:
    do(actions.end_session, visit, now=at(15))
    return VisitRecord.objects.get()


def test_a_note_goes_when_the_visit_turns_out_to_be_medical(town: Town) -> None:
    visit = ended(town)
    note(visit)
    do(actions.undo_end, visit, now=at(15))
    medical = make_service(town.commune, name="Médecin", slug="medecin", is_medical=True)
    Appointment.objects.filter(pk=visit.pk).update(service=medical)
    do(actions.end_session, visit, now=at(15))
    assert not VisitNote.objects.exists()
    assert (fresh(visit).outcome, VisitRecord.objects.get().autonomy) == ("", "")


# ---- two agents ------------------------------------------------------------------------------------


def test_two_who_note_at_once_lose_nothing(town: Town) -> None:
    visit = ended(town)
    start: dict[str, Any] = {
        "outcome": None,
        "themes": [],
        "equipment_used": [],
        "autonomy": None,
        "orientation": [],
    }
    helper, desk = Edit(start, town.bob, at(15)), Edit(start, town.bob, at(15))
    note(visit, {"themes": ["email"], "outcome": "solved"}, started_from=helper)
    note(visit, {"themes": ["logement"], "outcome": ""}, started_from=desk)
    assert VisitNote.objects.get().themes == ["email", "logement"]
    with pytest.raises(EditConflict):
        note(visit, {"outcome": "partly"}, started_from=Edit(start, town.bob, at(15)))
    assert VisitRecord.objects.get().outcome == "solved"


# ---- sums ------------------------------------------------------------------------------------------


def test_sums_count_each_mention_and_what_nobody_noted_as_unknown(town: Town) -> None:
    medical = make_service(town.commune, name="Médecin", slug="medecin", is_medical=True)
    visits = [ended(town, at(9 + n)) for n in range(2)]
    ended(town, at(16), service=medical)
    note(visits[0])
    VisitRecord.objects.update(day_on=months_before(TUESDAY, town.commune.retention_months).date())
    assert actions.fold_records(commune=town.commune, now=TUESDAY) == 3

    def sums(dimension: str) -> dict[str, int]:
        return dict(MonthlySum.objects.filter(dimension=dimension).values_list("code", "visits"))

    assert sums("ended_as") == {"done": 3}
    assert sums("outcome") == {"partly": 1, "unknown": 1}
    assert sums("autonomy") == {"partiellement_autonome": 1, "unknown": 1}
    assert sums("noted_theme") == {"email": 1, "argent_impots": 1, "unknown": 1}
    assert sums("equipment") == {"ordinateur": 1, "tablette": 1, "unknown": 1}
    assert sums("orientation") == {"aide_sociale": 1, "unknown": 1}


# ---- the lists -------------------------------------------------------------------------------------


def test_the_national_codes_are_as_the_platform_writes_them() -> None:
    assert Material.values == ["ordinateur", "telephone", "tablette", "autre", "aucun"]
    assert Autonomy.values == ["entierement_accompagne", "partiellement_autonome", "autonome"]
    assert Orientation.values == [
        "administration",
        "mediation_numerique",
        "operateur_ou_organisme_en_charge",
        "aide_sociale",
        "insertion_professionnelle",
        "aide_aux_demarches_administratives",
        "autre",
    ]
    assert in_list_order(["autre", "lune", "tablette", "autre"], Material) == ["tablette", "autre"]


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(0, "0-30"), (29, "0-30"), (30, "30-60"), (59, "30-60"), (60, "60-120"), (119, "60-120"), (120, "120+")],
)
def test_lengths_are_said_in_four_classes(minutes: int, code: str) -> None:
    assert length_class(minutes) == Length(code)
