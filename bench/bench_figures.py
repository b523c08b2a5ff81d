"""Figures: five years of a commune with three places in an installation with about two million visits.

One commune has its years made and folded as they are in life: the last twelve months are records, the others
sums. The other communes are copies of its rows. `figures_page_ms` is the time that the page of a period takes
in the process that serves it, without the network; `figures_rebuild_s` how long the sums of one commune take
to be made anew from records.
"""

import os
import time
from datetime import date, timedelta
from random import Random

from django.core.management import call_command
from django.db import connection
from django.test import Client

from bench.databases import settle
from bench.report import Report
from bench.worlds import make_place
from booking.actions import fold_records
from booking.enums import HelpedBy, Lead, Origin, Outcome, Status, ToldBy
from booking.models import MonthlySum, VisitRecord
from communes.enums import Theme
from communes.models import Commune
from core import clock
from core.roles import Role
from reporting.cabin_days import write_days_of
from tests.factories import make_agent

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
COMMUNES = {"postgresql": 71, "sqlite": 5}
VISITS = max(300, round(28_000 * min(1, SCALE)))
"""Of one commune in five years."""
DAYS = 5 * 365
ROUNDS = max(2, round(15 * min(1, SCALE)))


def run(report: Report) -> None:
    call_command("collectstatic", "--no-input", verbosity=0)
    now = clock.now()
    world = make_place("F0", cabins=3, helpers=1, keys=0)
    commune, site = world.commune, world.site
    Commune.objects.filter(pk=commune.pk).update(opened_at=now)
    cabins = list(site.cabins.all())
    chance, today = Random(1), commune.local(now).date()
    records = [_record(commune, site, chance.choice(cabins), today, chance) for _ in range(VISITS)]
    VisitRecord.objects.bulk_create(records, batch_size=2000)
    began = time.perf_counter()
    folded = fold_records(commune=commune, now=now)
    report.figure("figures_rebuild_s", time.perf_counter() - began, "s")
    write_days_of(commune, now=now, days=DAYS)
    communes = max(2, round(COMMUNES[report.database] * min(1, SCALE)))
    for number in range(1, communes):
        _copy(commune.pk, make_place(f"F{number}", cabins=1, helpers=1, keys=0).commune.pk)
    settle()
    report.figure("figures_records", VisitRecord.objects.count(), "rows")
    report.figure("figures_sums", MonthlySum.objects.count(), "rows")
    report.figure(
        "figures_visits", communes * (VisitRecord.objects.filter(commune=commune).count() + folded), "visits"
    )

    client = Client(HTTP_HOST="localhost")
    client.force_login(make_agent(commune, Role.MANAGER))
    first = today - timedelta(days=DAYS - 2)
    pages = {
        "five_years": {"kind": "dates", "first": first.isoformat(), "last": today.isoformat()},
        "year": {"kind": "year", "day": (today - timedelta(days=365)).isoformat()},
        "quarter": {"kind": "quarter"},
    }
    for name, asked in pages.items():
        seconds = []
        for number in range(ROUNDS + 1):
            began = time.perf_counter()
            answer = client.get("/chiffres/", asked)
            if number:
                seconds.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.status_code
        report.timing(f"figures_page_{name}", seconds)


def _record(commune, site, cabin, today: date, chance: Random) -> VisitRecord:  # type: ignore[no-untyped-def]
    service = chance.randrange(1, 13)
    ended_as = chance.choices([Status.DONE, Status.NO_SHOW, Status.CANCELLED], [82, 8, 10])[0]
    done = ended_as == Status.DONE
    return VisitRecord(
        commune=commune,
        day_on=today - timedelta(days=chance.randrange(1, DAYS)),
        half_hour=chance.randrange(18, 34),
        site_ref=site.pk,
        site_name=site.name,
        cabin_ref=cabin.pk,
        cabin_name=cabin.name,
        service_ref=service,
        service_name=f"démarche {service}",
        theme=list(Theme)[service],
        ended_as=ended_as,
        notice="" if ended_as != Status.CANCELLED else "more",
        booked_min=30,
        used_min=chance.randrange(10, 40) if done else None,
        waited_min=chance.randrange(15) if done else None,
        helped_by=chance.choice(list(HelpedBy)),
        persons=1,
        origin=chance.choice([Origin.DESK, Origin.HELPER]),
        is_walk_in=False,
        lead=chance.choice(list(Lead)),
        outcome=chance.choice(list(Outcome)) if done else "",
        told_by=chance.choice(list(ToldBy)),
    )


def _copy(source: int, target: int) -> None:
    """All rows of one commune's figures, again for another."""
    new_id = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    for model in (VisitRecord, MonthlySum):
        table = model._meta.db_table
        names = [str(each.column) for each in model._meta.concrete_fields if not each.primary_key]
        read = ["%s" if name == "commune_id" else name for name in names]
        into, values = ", ".join(names), ", ".join(read)
        if model is VisitRecord:
            into, values = f"id, {into}", f"{new_id}, {values}"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({into}) SELECT {values} FROM {table} WHERE commune_id = %s",  # noqa: S608
                [target, source],
            )
