import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from communes.actions import edit_hours
from communes.errors import FileRefused
from communes.imports import ImportedLine, ImportOutcome, import_data, import_places
from communes.models import Cabin, Commune, Site
from tests.communes.place_rows import ROW

pytestmark = pytest.mark.django_db

DATA = Path(__file__).resolve().parents[2] / "communes" / "data"
CASES = Path(__file__).parent / "cases"
PLACES, EXAMPLE = DATA / "lieux-petit-quevilly.csv", DATA / "lieux-exemple.csv"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def bring(*rows, **options):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return import_data(data=out.getvalue().encode(), **options)


def outcomes(report):
    return [line.outcome for line in report.lines]


def notes(report):
    return "\n".join(note for line in report.lines for note in line.notes)


def test_both_files_are_brought_in():
    assert outcomes(import_places(path=PLACES)) == [ImportOutcome.CREATED] * 3
    assert outcomes(import_places(path=EXAMPLE)) == [ImportOutcome.CREATED]
    commune = Commune.objects.get(insee_code="76498")
    assert (commune.name, commune.slug, commune.time_zone) == (
        "Petit-Quevilly",
        "petit-quevilly",
        "Europe/Paris",
    )
    site = commune.sites.get(ref="pq-verlaine")
    assert site.name == site.short_name == "Espace Verlaine"
    assert site.address == "Espace de développement social"
    assert (site.postal_code, site.city, site.phone) == ("76140", "Petit-Quevilly", "+33261910003")
    assert site.opening_hours.endswith("Aug off; PH off")
    assert site.hours_edited_at is None
    assert Site.objects.get(ref="structure-1").commune.name == "Reims"


def test_the_same_file_again_changes_nothing():
    import_places(path=PLACES)
    before = list(Site.objects.values())
    assert outcomes(import_places(path=PLACES)) == [ImportOutcome.UNCHANGED] * 3
    assert list(Site.objects.values()) == before


def test_what_changed_is_updated_and_screens_are_told():
    bring(ROW)
    version = Site.objects.get().version
    report = bring({**ROW, "nom": "Mairie", "telephone": "02 61 91 00 09"})
    site = Site.objects.get()
    assert outcomes(report) == [ImportOutcome.UPDATED]
    assert (site.name, site.phone, site.version) == ("Mairie", "+33261910009", version + 1)
    assert site.short_name == "Hôtel de ville"


def test_blanks_do_not_erase_and_missing_places_stay():
    bring({**ROW, "latitude": "49.42", "longitude": "1.05"}, {**ROW, "id": "pq-2"})
    report = bring({**ROW, "telephone": "", "latitude": "", "longitude": ""})
    assert outcomes(report) == [ImportOutcome.UNCHANGED]
    site = Site.objects.get(ref="pq-1")
    assert (site.phone, site.latitude) == ("+33261910001", 49.42)
    assert Site.objects.count() == 2


def test_hours_are_updated_while_nobody_edited_them():
    bring(ROW)
    assert outcomes(bring({**ROW, "horaires": "Mo-Fr 10:00-12:00"})) == [ImportOutcome.UPDATED]
    assert Site.objects.get().opening_hours == "Mo-Fr 10:00-12:00"


def test_hours_edited_by_hand_are_kept_and_said():
    bring(ROW)
    edit_hours(site=Site.objects.get(), opening_hours="Mo 08:00-10:00", now=NOW)
    report = bring({**ROW, "nom": "Mairie"})
    site = Site.objects.get()
    assert (site.opening_hours, site.name) == ("Mo 08:00-10:00", "Mairie")
    assert site.hours_edited_at == NOW
    assert ROW["horaires"] in notes(report)
    assert "2026" in notes(report)


def test_a_new_place_whose_hours_cannot_be_honoured_is_closed_until_they_are_written():
    report = bring({**ROW, "horaires": "Mo-Fr 09:00-12:00; SH off"})
    assert outcomes(report) == [ImportOutcome.CREATED]
    assert Site.objects.get().opening_hours == ""
    assert "20" in notes(report)
    assert "SH" in notes(report)
    assert len(report.lines[0].notes) == 3


def test_a_known_place_keeps_its_hours_when_the_new_ones_cannot_be_honoured_or_are_blank():
    bring(ROW)
    report = bring({**ROW, "horaires": "Mo-Fr 9h-12h"})
    assert outcomes(report) == [ImportOutcome.UNCHANGED]
    assert ROW["horaires"] in notes(report)
    report = bring({**ROW, "horaires": ""})
    assert outcomes(report) == [ImportOutcome.UNCHANGED]
    assert notes(report)
    assert Site.objects.get().opening_hours == ROW["horaires"]


def test_one_line_with_an_error_and_nothing_at_all_is_written():
    report = bring(ROW, {**ROW, "id": "pq-2", "nom": ""}, {**ROW, "id": "pq-3", "horaires": "nonsense"})
    assert report.refused
    assert report.lines == []
    assert Commune.objects.count() == Site.objects.count() == 0
    assert len(report.problems) == 2
    assert "3" in report.problems[0]
    assert "nom" in report.problems[0]
    assert report.summary() == list(report.sentences())[-1]


def test_a_failure_in_the_middle_leaves_nothing_half_written(monkeypatch):
    written: list[object] = []

    def fails_at_the_second(commune, place, notes, author):
        if written:
            raise RuntimeError("the disk is full")
        written.append(place)
        return Site.objects.create(commune=commune, ref=place.ref, name=place.name, short_name=place.name)

    monkeypatch.setattr("communes.imports._create_site", fails_at_the_second)
    with pytest.raises(RuntimeError):
        import_places(path=PLACES)
    assert written
    assert Commune.objects.count() == Site.objects.count() == 0


def test_a_trial_says_what_would_be_done_and_writes_nothing():
    report = import_places(path=PLACES, dry_run=True)
    assert outcomes(report) == [ImportOutcome.CREATED] * 3
    assert Commune.objects.count() == Site.objects.count() == 0
    assert report.dry_run


def test_only_the_places_of_one_commune():
    import_places(path=EXAMPLE)
    reims = Commune.objects.get()
    report = bring(ROW, {**ROW, "id": "r-2", "code_insee": "51454", "commune": "Reims"}, commune=reims)
    assert report.elsewhere == 1
    assert [site.ref for site in Site.objects.all()] == ["structure-1", "r-2"]
    assert Commune.objects.count() == 1


@pytest.mark.parametrize("written", ["1004", " 01004 ", "01 004", "1004.0", "2a004", "2b033"])
def test_with_a_commune_asked_for_no_other_is_ever_written(written):
    import_places(path=PLACES)
    quevilly = Commune.objects.get()
    before = list(Site.objects.values())
    report = bring({**ROW, "id": "x-1", "code_insee": written, "commune": "Ailleurs"}, commune=quevilly)
    assert (report.refused, report.elsewhere) == (False, 1)
    assert list(Commune.objects.all()) == [quevilly]
    assert list(Site.objects.values()) == before


def test_one_unusable_code_elsewhere_is_named_and_keeps_nothing_from_being_imported():
    bring(ROW)
    quevilly = Commune.objects.get()
    report = import_places(path=CASES / "blank-code.csv", commune=quevilly)
    assert not report.refused
    assert [line.ref for line in report.lines] == ["fr-1"]
    assert (report.elsewhere, report.left_out) == (2, 1)
    [problem] = report.problems
    assert "3" in problem
    assert "Bus numérique" in problem
    assert "1" in report.summary()


def test_without_a_commune_too_a_line_without_a_code_is_left_out_and_the_others_come_in():
    report = bring({**ROW, "id": "x-1", "nom": "Bus numérique", "code_insee": ""}, ROW)
    assert outcomes(report) == [ImportOutcome.CREATED]
    assert "Bus numérique" in report.problems[0]
    assert Commune.objects.get().insee_code == "76498"


def test_a_file_that_announces_its_separator_is_brought_in():
    assert outcomes(import_places(path=CASES / "sep-line.csv")) == [ImportOutcome.CREATED]
    assert Site.objects.get().ref == "fr-1"


def test_the_same_identifier_in_two_communes_is_two_places():
    bring(ROW, {**ROW, "id": "pq-2"})
    bring({**ROW, "code_insee": "51454", "commune": "Reims"})
    assert Site.objects.filter(ref="pq-1").count() == 2


def test_two_communes_of_one_name_have_addresses_of_their_own():
    bring(ROW)
    bring({**ROW, "code_insee": "62758"})
    assert set(Commune.objects.values_list("slug", flat=True)) == {"petit-quevilly", "petit-quevilly-62758"}


def test_an_overseas_commune_has_its_own_clock():
    bring({**ROW, "code_insee": "97411", "commune": "Saint-Denis"})
    assert Commune.objects.get().time_zone == "Indian/Reunion"


def test_a_long_name_is_shortened_at_a_word():
    bring({**ROW, "nom": "Maison des services et de la solidarité du quartier Saint-Julien"})
    short = Site.objects.get().short_name
    assert short == "Maison des services et de la solidarité…"
    assert len(short) <= 40


def test_an_import_takes_few_queries_and_they_do_not_grow(django_assert_max_num_queries):
    rows = [{**ROW, "id": f"pq-{number}"} for number in range(30)]
    bring(*rows)
    with django_assert_max_num_queries(6):
        bring(*rows)


# ---- the command -------------------------------------------------------------------------------


def run(*arguments):
    out = io.StringIO()
    call_command("import_places", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_reports_line_by_line():
    lines = run(str(PLACES)).splitlines()
    assert sum("pq-" in line for line in lines) == 3
    assert Site.objects.count() == 3
    assert "3" in lines[-1]


def test_the_command_can_try():
    run(str(PLACES), "--dry-run")
    assert Site.objects.count() == 0


def test_the_command_takes_one_commune_and_must_know_it():
    with pytest.raises(CommandError, match="76498"):
        run(str(PLACES), "--commune", "76498")
    run(str(EXAMPLE))
    run(str(PLACES), "--commune", "51454")
    assert Site.objects.count() == 1


def test_the_command_reads_the_code_as_people_write_it():
    call_command("import_places", str(EXAMPLE))
    Commune.objects.update(insee_code="01004")
    for written in ("01004", "1004", " 01 004 ", Commune.objects.get().slug.upper()):
        assert "3" in run(str(PLACES), "--commune", written)
    assert Commune.objects.count() == 1


def test_the_command_asked_for_a_commune_without_a_name_imports_nothing():
    with pytest.raises(CommandError):
        run(str(PLACES), "--commune", "")
    assert not Commune.objects.exists()


def test_the_command_fails_on_a_file_that_is_none(tmp_path):
    latin = tmp_path / "latin.csv"
    latin.write_bytes(PLACES.read_bytes().decode().encode("latin-1"))
    with pytest.raises(CommandError, match="UTF-8"):
        run(str(latin))
    with pytest.raises(CommandError):
        run(str(tmp_path / "none.csv"))
    with pytest.raises(FileRefused):
        import_places(path=latin)


def test_the_command_fails_and_says_why_when_a_line_has_an_error(tmp_path, capsys):
    broken = tmp_path / "broken.csv"
    text = PLACES.read_text(encoding="utf-8")
    broken.write_text(text.replace('"Hôtel de ville"', '""', 1), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_places", str(broken))
    assert "nom" in capsys.readouterr().out
    assert Site.objects.count() == 0


def test_a_report_is_made_of_plain_values():
    [line] = bring(ROW).lines
    assert line == ImportedLine(2, "pq-1", "Hôtel de ville", ImportOutcome.CREATED, line.notes)


@pytest.mark.usefixtures("tuesday")
def test_each_place_without_a_cabin_gets_as_many_as_asked_for_and_only_once():
    report = import_places(path=PLACES, with_cabins=2)
    assert all(any("2" in note and "scanner" in note for note in line.notes) for line in report.lines)
    cabins = {site.ref: [cabin.name for cabin in site.cabins.all()] for site in Site.objects.all()}
    assert list(cabins.values()) == [["Cabine 1", "Cabine 2"]] * 3
    Cabin.objects.order_by("pk")[:1].get().delete()
    import_places(path=PLACES, with_cabins=3)
    assert sorted(site.cabins.count() for site in Site.objects.all()) == [1, 2, 2]


@pytest.mark.usefixtures("tuesday")
def test_a_trial_gives_no_cabins():
    import_places(path=PLACES)
    assert import_places(path=PLACES, with_cabins=1, dry_run=True).lines[0].notes
    assert not Cabin.objects.exists()


def test_a_retired_place_is_not_brought_back_silently():
    import_places(path=PLACES)
    Site.objects.update(is_active=False, retired_at=datetime(2026, 11, 20, tzinfo=UTC))
    report = import_places(path=PLACES, with_cabins=1)
    assert all(any("20 novembre 2026" in note for note in line.notes) for line in report.lines)
    assert not Site.objects.filter(is_active=True).exists() and not Cabin.objects.exists()
