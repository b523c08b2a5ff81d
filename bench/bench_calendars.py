"""Pages while the worker reads calendars that are made to cost too much.

World A, four weeks: helpers have handed in files full of repetitions that come each second, each minute or
never, that begin thousands of times, or that cannot be understood. The worker reads one after the other,
until the limits of `planning.calendars.limited_reading` end each. Meanwhile pages are opened at a fixed rate,
as they were before; a page's time counts from the moment when it was due. The goal is a 95th percentile under
one second, and nobody waiting more than three.
"""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, cycle

from django.conf import settings
from django.test import Client as TestClient
from django.urls import reverse

from agents.models import Agent, Membership
from bench.bench_availability import api_path
from bench.clients import Answers, Call, offer
from bench.databases import environment, settle
from bench.report import ROOT, Report
from bench.web import free_port, stop, web
from bench.worlds import World, fill, make_place, staff
from core.clock import now
from planning import tasks
from planning.calendars.reading import keep_upload
from planning.models import CalendarUpload, ExternalCalendar

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
SECONDS = max(12.0, 60 * min(1, SCALE))
RATE = 4
"""Pages a second, as of a dozen agents who work without a pause."""
STARTS_WITHIN_S = 60

SIXTY, HOURS = ",".join(map(str, range(60))), ",".join(map(str, range(24)))
RULES = (
    (1, f"RRULE:FREQ=DAILY;BYHOUR={HOURS};BYMINUTE={SIXTY};BYSECOND={SIXTY}"),
    (1, f"RRULE:FREQ=DAILY;BYHOUR={HOURS};BYMINUTE={SIXTY}"),
    (200, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"),
    (4000, "RRULE:FREQ=DAILY"),
    (2000, "RRULE:FREQ=FORTNIGHTLY;BYDAY=XX;UNTIL=jamais"),
)


def run(report: Report) -> None:
    world = make_place("Calendars", cabins=10, helpers=10)
    staff(world, weeks=4)
    fill(world, 0.6, weeks=4)
    settle()
    calls, port = pages(world), free_port()
    env = environment(os.environ["DATABASE_URL"], os.environ["PERMANENCE_VAR"])
    env |= {"DEBUG": "1", "SECRET_KEY": settings.SECRET_KEY}  # DEBUG: without collected static files
    with web(env, port, quiet=True), worker(env):
        offer(port, calls, per_second=2, seconds=5)  # the first page of each kind takes longer
        _figures(report, "alone", offer(port, calls, per_second=RATE, seconds=SECONDS))
        hand_in(world)
        _wait_until_one_is_read()
        left = CalendarUpload.objects.count()
        answers = offer(port, calls, per_second=RATE, seconds=SECONDS)
        _figures(report, "while_reading", answers)
        assert CalendarUpload.objects.exists(), "all calendars were read before the end: too few"
        report.figure("calendars_read_meanwhile", left - CalendarUpload.objects.count())
    report.figure("calendars_refused", ExternalCalendar.objects.exclude(problem="").count())
    report.ratio("calendars_slow_down", "pages_while_reading_p95_ms", "pages_alone_p95_ms")


def _figures(report: Report, when: str, answers: Answers) -> None:
    """How long pages took: median, 95th percentile and the slowest."""
    assert set(answers.statuses) == {200}, answers.statuses
    report.timing(f"pages_{when}", answers.seconds)
    report.figure(f"pages_{when}_max_ms", max(answers.seconds) * 1000, "ms")


def pages(world: World) -> Iterator[Call]:
    """What agents open all day, and the free times of a week as the API gives them."""
    manager = Agent.objects.create(username=secrets.token_hex(4), first_name="Sophie")
    Membership.objects.create(
        agent=manager, commune=world.commune, is_desk=True, is_helper=True, is_manager=True
    )
    client = TestClient()
    client.force_login(manager)
    cookie = (("Cookie", f"sessionid={client.cookies['sessionid'].value}"),)
    week = f"week={world.first}"
    paths = [
        reverse("today"),
        f"{reverse('desk')}?service={world.service.pk}&{week}",
        f"{reverse('team')}?{week}",
        reverse("my-day"),
        reverse("feeds"),
        reverse("waiting-list"),
    ]
    own = cycle([Call(path, headers=cookie) for path in paths])
    for number, key in zip(count(), cycle(world.keys), strict=False):
        yield Call.get(api_path(world, "1w", world.first), key) if number % 4 == 3 else next(own)


def hand_in(world: World) -> None:
    """Twenty files for each helper in turn: more than can be read while it is measured."""
    bodies = cycle([calendar(*each) for each in RULES])
    for helper in world.helpers * 2:
        body = next(bodies)
        upload = keep_upload(agent=helper, body=body, now=now(), name="agenda.ics")
        tasks.read_calendar_upload.enqueue(upload.pk)


def calendar(number: int, rule: str) -> bytes:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART;TZID=Europe/Paris:20251124T{8 + n % 10:02}0000\r\n"
        f"DURATION:PT1H\r\n{rule}\r\nEND:VEVENT\r\n"
        for n in range(number)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n".encode()


def _wait_until_one_is_read() -> None:
    """Returns once the worker has begun: the first calendar has a reader."""
    deadline, before = time.monotonic() + STARTS_WITHIN_S, CalendarUpload.objects.count()
    while CalendarUpload.objects.count() == before:
        assert time.monotonic() < deadline, "the worker reads no calendar"
        time.sleep(0.2)


@contextmanager
def worker(env: dict[str, str]) -> Iterator[None]:
    """The worker as `make run` starts it."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env={**os.environ, **env},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        stop(process)
