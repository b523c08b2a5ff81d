"""Other products measured on the same data, each in its own virtual environment, made when needed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

from bench import databases
from bench.clients import Call, Client, Task
from bench.report import Report
from bench.web import command, free_port, web
from bench.worlds import WEEKS, World, slots_of
from booking.models import Appointment

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
REQUIREMENTS = HERE / "requirements.txt"
PYTHON = VENV / "bin" / "python"


@dataclass
class DjangoAppointment:
    """django-appointment with the appointments of world A. One request covers one member of staff and one
    day, so the times of any of ten members on one day need ten requests."""

    port: int
    service: int
    staff: list[int]
    sessions: list[str]
    queries_per_day: int
    first: date

    def __post_init__(self) -> None:
        self._sessions = cycle(self.sessions)

    def availability(self, first: date, days: int) -> Task:
        return [
            Call(
                f"/ajax/available_slots/?selected_date={on}&staff_member={staff}&service_id={self.service}",
                headers=(("X-Requested-With", "XMLHttpRequest"),),
            )
            for on in (first + timedelta(days=number) for number in range(days))
            if on.weekday() < 5
            for staff in self.staff
        ]

    def book(self, client: Client, number: int, *, as_browser: bool) -> bool:
        """Book with its two forms, as a logged-in user with an account (without one it takes five steps).

        `as_browser` also loads the page to which each form redirects: the page of the second form, then
        the page that shows the booking and sends the confirmation. Otherwise only the two forms are sent.
        Neither form checks that the time is free: only the calendar page before them does.
        """
        on, staff = self._next(number)
        cookie = ("Cookie", f"sessionid={next(self._sessions)}")
        form = ("Content-Type", "application/x-www-form-urlencoded")
        asked = f"date={on}&start_time=09:00&end_time=09:30&service={self.service}&staff_member={staff}"
        person = "name=Fatima&phone_0=FR&phone_1=0612345678&address=Rue+Haute&payment_type=full"
        statuses, path = [], "/request-submit/"
        for body in (asked, person):
            answer = client.fetch(Call(path, "POST", body.encode(), (form, cookie)))
            statuses.append(answer.status)
            path = answer.location
            if as_browser:
                statuses.append(client.fetch(Call(path, headers=(cookie,))).status)
        return "/thank-you/" in path and statuses == ([302, 200] * 2 if as_browser else [302] * 2)

    def _next(self, number: int) -> tuple[date, int]:
        """A day after the world's weeks, and a member of staff: each member is booked once a day."""
        day, member = divmod(number, len(self.staff))
        return self.first + timedelta(weeks=day // 5, days=day % 5), self.staff[member]


def install() -> str:
    """Make the virtual environment if it is missing; returns why this failed, or ""."""
    stamp = VENV / ".made"
    if stamp.exists() and stamp.stat().st_mtime >= REQUIREMENTS.stat().st_mtime:
        return ""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        subprocess.run([*pip, "--require-hashes", "-r", str(REQUIREMENTS)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        return str(error)
    stamp.touch()
    return ""


@contextmanager
def django_appointment(report: Report, world: World) -> Iterator[DjangoAppointment | None]:
    """django-appointment, running with the appointments of `world`; None (and a printed note) if it cannot
    be installed."""
    if why := install():
        report.note(f"django-appointment cannot be installed, its figures are left out: {why}")
        yield None
        return
    with databases.fresh(report.database, "peer") as url:
        env = databases.environment(url, os.environ["PERMANENCE_VAR"]) | {
            "DJANGO_SETTINGS_MODULE": "django_appointment.settings",
            "PYTHONPATH": str(HERE),
        }
        subprocess.run(
            [str(PYTHON), "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"],
            env=env,
            cwd=HERE,
            check=True,
        )
        loaded = subprocess.run(
            [str(PYTHON), "-m", "django", "shell", "-c", "from django_appointment.load import main; main()"],
            env=env,
            cwd=HERE,
            check=True,
            input=json.dumps(_rows(world)),
            stdout=subprocess.PIPE,
            text=True,
        )
        port = free_port()
        argv = [
            str(PYTHON)
            if each == sys.executable
            else each.replace("config.asgi:", "django_appointment.asgi:")
            for each in command(port)
        ]
        with web(env, port, argv, quiet=True):
            beyond = world.first + timedelta(weeks=WEEKS + 1)
            yield DjangoAppointment(port, **json.loads(loaded.stdout.splitlines()[-1]), first=beyond)


def _rows(world: World) -> dict[str, object]:
    """The world as plain values: which helper is busy when."""
    number = {helper.pk: n for n, helper in enumerate(world.helpers)}
    rows = Appointment.objects.live().filter(commune=world.commune).values_list("helper_id", "starts_at")
    return {
        "helpers": len(world.helpers),
        "day": str(world.days(WEEKS)[7]),
        "slots_per_day": sum(1 for _ in slots_of(world.first)),
        "booked": [[number[helper], world.commune.local(at).isoformat()] for helper, at in rows],
    }
