"""The copy for support and training: everything declared, nobody in it who exists, and it runs."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_django
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from agents.models import Agent, Shift
from booking.models import Appointment, Resident, ResidentPhone
from booking.names import search_name
from communes.models import Cabin, Commune, Service
from core.phones import is_fiction
from core.roles import Role
from core.second_database import known_as
from privacy.copies import COPIED, How
from privacy.register import REGISTER
from reporting.models import CabinDay
from tests.factories import TUESDAY, at, make_agent, make_commune, make_site
from tests.factories import make_cabin as cabin_of
from tests.factories import make_service as service_of
from tests.privacy.everything import Everything

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]

ROOT = Path(__file__).resolve().parents[2]
MANY = 240


def test_every_column_of_every_table_is_declared_for_the_copy() -> None:
    declared = {table.name: sorted(table.columns) for table in COPIED}
    assert declared == {table.name: sorted(table.columns) for table in REGISTER}, "privacy/copies/"
    assert len(COPIED) == len(declared)


def test_no_column_about_a_person_is_kept_but_the_duties_of_posts_and_when_somebody_works() -> None:
    about = {f"{table.name}.{column}" for table in REGISTER for column in table.resident.split()}
    about |= {f"{table.name}.{column}" for table in REGISTER for column in table.agent.split()}
    kept = {f"{table.name}.{column}" for table in COPIED for column in table.kept.split()}
    duties = {f"agents.Membership.is_{role}" for role in Role} | {"agents.Membership_skills.service"}
    worked = {f"agents.Shift.{column}" for column in ("site", "starts_at", "ends_at")}
    assert about & kept == duties | worked | {"agents.Agent.is_active"}


def test_secrets_and_what_is_private_are_left_out_whole() -> None:
    dropped = {table.name for table in COPIED if table.how == How.DROPPED}
    assert dropped >= {
        "sessions.Session",
        "communes.ApiKey",
        "kiosk.Screen",
        "kiosk.SpentToken",
        "planning.CalendarFeed",
        "planning.ExternalCalendar",
        "notifications.Suppression",
        "notifications.Message",
        "notifications.WebhookReceipt",
        "privacy.Consultation",
        "privacy.RightsRequest",
        "agents.Invitation",
        "agents.Absence",
        "booking.ContactKey",
    }


@pytest.fixture(autouse=True)
def further_databases(
    db: None, django_db_blocker: pytest_django.DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is a database of its own, which tests otherwise may not open."""
    real = django_db_blocker._real_ensure_connection
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", real)


@pytest.fixture
def output(tmp_path: Path) -> Iterator[str]:
    """Where the copy is written: a new file, or an empty database beside the one of the tests."""
    if connection.vendor == "sqlite":
        yield str(tmp_path / "copy.sqlite3")
        return
    own = connection.settings_dict
    name = f"{own['NAME']}_copy"
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield f"postgres://{own['USER']}@{own['HOST']}:{own['PORT'] or 5432}/{name}"
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def copied(output: str, *more: str) -> str:
    said = StringIO()
    call_command("anonymised_copy", output, *more, stdout=said)
    return said.getvalue()


def url_of(output: str) -> str:
    return output if "://" in output else f"sqlite:///{output}"


def of_copy(output: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of the copy by table."""
    with known_as("looked_at", url_of(output)):
        return {
            table.name: list(apps.get_model(table.name)._base_manager.using("looked_at").values())
            for table in COPIED
        }


def own_rows() -> dict[str, list[dict[str, Any]]]:
    return {table.name: list(apps.get_model(table.name)._base_manager.values()) for table in COPIED}


def test_how_long_a_cabin_was_taken_on_a_day_is_not_told(output: str) -> None:
    """On most days it is the length of one person's visit."""
    cabin = cabin_of(make_site(make_commune()))
    CabinDay.objects.create(
        commune=cabin.site.commune,
        day_on=date(2026, 11, 20),
        site_ref=cabin.site_id,
        site_name="A",
        cabin_ref=cabin.pk,
        cabin_name="B",
        open_min=480,
        closed_min=0,
        out_min=0,
        booked_min=35,
    )
    copied(output)
    assert [(day["open_min"], day["booked_min"]) for day in of_copy(output)["reporting.CabinDay"]] == [
        (480, None)
    ]


# ---- a marked resident, and what is left of them in the bytes


def test_no_mark_is_left_in_the_bytes_of_the_copy(output: str) -> None:
    world = Everything()
    before = own_rows()
    copied(output)
    assert own_rows() == before, "the source is only read"
    told = repr(of_copy(output)).encode()
    if connection.vendor == "sqlite":
        told += Path(output).read_bytes()
        assert not list(Path(output).parent.glob(f"{Path(output).name}-*"))
    marks = [*world.marks, *world.others]
    assert marks
    assert [mark for mark in marks if mark.encode() in told] == []


# ---- the attack


def town(many: int = MANY) -> Commune:
    """A commune of a few hundred residents, some of whom are alone with what they have."""
    rng = Random(19)
    commune = make_commune(name="Attaque", insee_code="76540")
    cabins = [cabin_of(make_site(commune)) for _ in range(2)]
    services = [service_of(commune, name=f"S{number}", slug=f"s{number}") for number in range(4)]
    helpers = [make_agent(commune, Role.HELPER, first_name=f"Aidant{number}") for number in range(4)]
    for number in range(many):
        first, last = f"Prénom{number}", f"Nom{rng.randrange(60)}"
        resident = Resident.objects.create(
            commune=commune,
            first_name=first,
            last_name=last,
            search_name=search_name(first, last),
            email=f"h{number}@example.org",
            postal_address=f"{number} rue des Lilas",
            birth_year=1930 + rng.randrange(75),
            languages=rng.choice([[], [], ["fr"], ["ar"], ["ti"] if number == 7 else []]),
            needs=["wheelchair"] if rng.random() < 0.1 or number == 7 else [],
            number_on_screen=rng.random() < 0.2,
            contact_name=f"Proche{number}",
            created_at=TUESDAY - timedelta(days=rng.randrange(300), seconds=rng.randrange(86400)),
        )
        ResidentPhone.objects.create(resident=resident, number=f"+3363997{number:04}", is_mobile=True)
    residents = list(Resident.objects.filter(commune=commune))
    slots = [(cabin, day, hour) for cabin in cabins for day in range(-120, 20) for hour in range(9, 17)]
    rng.shuffle(slots)
    for number, (cabin, day, hour) in enumerate(slots[: many * 3]):
        # One comes forty times, and one at an hour at which nobody else does.
        resident = residents[11] if number < 40 else rng.choice(residents)
        start = at(hour, 7 if number == 50 else 0) + timedelta(days=day)
        service = services[3] if number == 60 else rng.choice(services[:3])
        Appointment.objects.create(
            commune=commune,
            site=cabin.site,
            cabin=cabin,
            service=service,
            resident=resident,
            party_size=6 if number == 70 else rng.choice((1, 1, 2)),
            number=f"{number:06}",
            status="done" if day < 0 else "booked",
            note=f"note {number}",
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
            blocked_until=start + timedelta(minutes=35),
            created_at=start - timedelta(days=3, seconds=rng.randrange(86400)),
        )
    for number, day in enumerate(range(-30, 10)):
        for helper in helpers[:3]:
            start = at(9, number % 3 * 5) + timedelta(days=day)
            Shift.objects.create(
                agent=helper, site=cabins[0].site, starts_at=start, ends_at=start + timedelta(hours=4)
            )
    return commune


def in_words(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{name: repr(value) for name, value in row.items()} for row in rows]


def alone(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> dict[Any, dict[str, Any]]:
    """The rows that no other is like in these columns, by their values."""
    by_value = defaultdict(list)
    for row in rows:
        by_value[tuple(row[column] for column in columns)].append(row)
    return {value: found[0] for value, found in by_value.items() if len(found) == 1}


def told_by(match: tuple[dict[str, Any], dict[str, Any]], rest: list[str]) -> int:
    """How much of what the attacker did not know the matched row of the copy says rightly."""
    real, copy = match
    return sum(real[column] == copy[column] for column in rest)


type Rows = dict[str, list[dict[str, Any]]]
_attacked: list[tuple[Rows, Rows, dict[int, str]]] = []


@pytest.fixture
def attacked(output: str) -> tuple[Rows, Rows, dict[int, str]]:
    """All rows of the town and of its copy, and the names of its agents; made once for all attacks."""
    if not _attacked:
        town()
        names = dict(Agent.objects.values_list("pk", "first_name"))
        original = own_rows()
        copied(output)
        _attacked.append((original, of_copy(output), names))
    return _attacked[0]


PEOPLE = ("booking.Resident", "booking.ResidentPhone", "booking.Appointment")
POINTS = {"id", "commune_id", "merged_into_id", "resident_id", "form_key"}


def test_a_join_attack_with_the_original_finds_nobody(attacked: tuple[Rows, Rows, dict[int, str]]) -> None:
    """Whoever has the original looks for rows of the copy that are like one of it alone: by every column,
    pair and triple. What such a row says further must be no truer than what any other row says."""
    original, copy, _names = attacked
    rng = Random(20)
    for table in PEOPLE:
        real, false = in_words(original[table]), in_words(copy[table])
        assert real and len(false) > len(real) * 0.6, table
        columns = [name for name in real[0] if name not in POINTS]
        knowing = right = by_chance = 0
        for size in (1, 2, 3):
            for known in combinations(columns, size):
                there = alone(false, known)
                rest = [name for name in columns if name not in known]
                for value, row in alone(real, known).items():
                    if value not in there:
                        continue
                    knowing += 1
                    right += told_by((row, there[value]), rest)
                    by_chance += told_by((row, rng.choice(false)), rest)
        assert right <= by_chance + 4 * (by_chance**0.5) + knowing * 0.25, (table, right, by_chance, knowing)


def test_an_attack_with_names_numbers_texts_and_instants_matches_no_row(
    attacked: tuple[Rows, Rows, dict[int, str]],
) -> None:
    original, copy, _names = attacked
    strong = {
        "booking.Resident": (
            "search_name",
            "email",
            "postal_address",
            "birth_year",
            "contact_name",
            "created_at",
        ),
        "booking.ResidentPhone": ("number",),
        "booking.Appointment": ("note", "created_at", "arrived_at", "confirmed_at"),
    }
    for table, columns in strong.items():
        for column in columns:
            real = {repr(row[column]) for row in original[table]} - {"''", "None"}
            false = {repr(row[column]) for row in copy[table]}
            assert real & false == set(), f"{table}.{column}"
    real_starts = {(row["cabin_id"], row["starts_at"]) for row in original["booking.Appointment"]}
    false_starts = {(row["cabin_id"], row["starts_at"]) for row in copy["booking.Appointment"]}
    assert real_starts & false_starts == set()


def test_an_attack_by_how_often_somebody_comes_finds_nobody(
    attacked: tuple[Rows, Rows, dict[int, str]],
) -> None:
    """The one who comes forty times is not there: visits are spread over everybody anew."""
    _original, copy, _names = attacked
    visits = Counter(row["resident_id"] for row in copy["booking.Appointment"])
    assert max(visits.values()) < 20


def test_an_attack_by_the_rota_finds_no_helper(attacked: tuple[Rows, Rows, dict[int, str]]) -> None:
    """Shifts are known to everybody who stands before the place; they say nothing about who is who."""
    original, copy, names = attacked
    worked: dict[tuple[int, Any], list[str]] = defaultdict(list)
    for row in original["agents.Shift"]:
        worked[row["site_id"], row["starts_at"]].append(names[row["agent_id"]])
    together = Counter(
        (name, row["agent_id"])
        for row in copy["agents.Shift"]
        for name in worked[row["site_id"], row["starts_at"]]
    )
    shifts = Counter(row["agent_id"] for row in copy["agents.Shift"])
    assert len(shifts) == 4
    # One of four worked on no day: in the copy each works on about as many as the others.
    assert max(shifts.values()) < 2 * min(shifts.values())
    assert len({name for name, _agent in together}) == 3
    assert min(together.values()) > 0.5 * max(together.values())


# ---- it refuses, and it runs


def test_a_file_that_is_there_is_not_touched(tmp_path: Path) -> None:
    there = tmp_path / "there.sqlite3"
    there.write_text("mine")
    with pytest.raises(CommandError, match=r"file|fichier"):
        copied(str(there))
    assert there.read_text() == "mine"


def test_nothing_is_left_of_a_copy_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("privacy.copies.making._fill", fail)
    with pytest.raises(RuntimeError):
        copied(str(tmp_path / "copy.sqlite3"))
    assert list(tmp_path.iterdir()) == []


def test_one_commune_alone_is_copied(output: str, commune: Commune, cabin: Cabin, service: Service) -> None:
    elsewhere = make_commune(name="Ailleurs", insee_code="76351")
    cabin_of(make_site(elsewhere))
    copied(output, "--commune", elsewhere.slug)
    copy = of_copy(output)
    assert [row["name"] for row in copy["communes.Commune"]] == ["Ailleurs"]
    assert {row["commune_id"] for row in copy["communes.Site"]} == {elsewhere.pk}
    with pytest.raises(CommandError):
        copied(output, "--commune", "nowhere")


def test_all_numbers_are_reserved_for_fiction(output: str) -> None:
    town(30)
    copied(output)
    copy = of_copy(output)
    numbers = {row["number"] for row in copy["booking.ResidentPhone"]}
    numbers |= {row["phone"] for row in copy["communes.Site"] if row["phone"]}
    assert numbers
    assert all(is_fiction(number) for number in numbers)


RUNS = """
import django
django.setup()
from django.test import Client
from django.urls import reverse
client = Client(HTTP_HOST="localhost")
from agents.models import Agent
answer = client.post(reverse("login"), {"username": "copie", "password": PASSWORD})
assert answer.status_code == 302, answer.content.decode()[:2000]
from booking.models import Appointment, Resident
resident = Appointment.objects.exclude(resident=None).latest("starts_at").resident
for name, args in (
    ("desk", []), ("team", []), ("settings", []), ("places", []), ("figures", []), ("call-list", []),
    ("resident", [resident.pk]), ("appointment", [resident.appointments.first().pk]), ("today", []),
):
    answer = client.get(reverse(name, args=args), follow=True)
    assert answer.status_code == 200, (name, answer.status_code)
print("runs")
"""


@pytest.mark.long
def test_the_product_runs_with_the_copy_and_an_agent_logs_in(output: str) -> None:
    town(30)
    password = copied(output).split(" password ")[-1].split("mot de passe ")[-1].split(".")[0].strip()
    environment = {
        **os.environ,
        "DATABASE_URL": url_of(output),
        "DEBUG": "1",
        "PERMANENCE_NOW": TUESDAY.isoformat(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    program = f"PASSWORD = {password!r}\n{RUNS}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("runs\n"), done.stderr[-3000:]
    checked = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
