"""A screen on a cabin with its site, its agents and its clock, and the scenes that are played on it.

The scenes are in board_scenes.py and sheet_scenes.py; `docs/screens.md` has a row for each
(test_scenes_in_browser.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.urls import reverse

from agents.models import Agent
from booking.enums import Origin, Status
from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from core.roles import Role
from tests.clocks import SetClock
from tests.factories import at, make_agent, make_appointment, make_resident, make_shift
from tests.kiosk.conftest import make_screen
from tests.kiosk.test_help import heard, pages_of

NUMBER = "482913"


@dataclass
class Stage:
    """A screen on the cabin of the hall, on Tuesday at 10:24, and the agents who may be rung."""

    site: Site
    cabin: Cabin
    service: Service
    set_clock: SetClock
    lang: str = "fr"
    visit: Appointment | None = None
    partials: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.commune: Commune = self.site.commune
        make = make_agent
        self.helper = make(self.commune, Role.HELPER, username="bob", first_name="Bob", skills=[self.service])
        self.desk = make(self.commune, Role.DESK, username="alice", first_name="Alice")
        self.manager = make(self.commune, Role.MANAGER, username="dana", first_name="Dana")
        self.screen, self.client = make_screen(self.site, self.cabin)
        self.clock(at(10, 24))

    def clock(self, now: datetime) -> None:
        self.now = now
        self.set_clock(now)

    # ---- the world ----

    def expects(self, hour: int = 10, minute: int = 30, **fields: Any) -> Appointment:
        """Fatima Bensaïd has an appointment of 45 minutes."""
        fields.setdefault("resident", make_resident(self.commune, "+33639981234"))
        values = {"number": NUMBER, **fields}
        cabin = values.pop("cabin", self.cabin)
        self.visit = make_appointment(cabin, self.service, at(hour, minute), **values)
        return self.visit

    def expects_helped(self, *, is_here: bool = True, **fields: Any) -> Appointment:
        if is_here:
            make_shift(self.helper, self.site, at(9), at(12))
        return self.expects(helper=self.helper, **fields)

    def arrived(self, hour: int = 10, minute: int = 24, **fields: Any) -> dict[str, Any]:
        return {"status": Status.ARRIVED, "arrived_at": at(hour, minute), **fields}

    def runs(self, hour: int, minute: int, **fields: Any) -> Appointment:
        """A session that began at that time."""
        begun = at(hour, minute)
        values = {"status": Status.IN_SESSION, "arrived_at": begun, "started_at": begun, **fields}
        return self.expects(hour, minute, **values)

    def comes(self, agent: Agent) -> None:
        assert self.visit
        pages_of(agent).post(reverse("waiting-answer", args=[self.visit.pk]))

    # ---- the screen ----

    def hall(self) -> None:
        self.screen, self.client = make_screen(self.site)

    def get(self, name: str, *args: object, **query: str) -> str:
        return self._noted(self.client.get(reverse(name, args=args), {"lang": self.lang, **query}))

    def post(self, name: str, *args: object, **fields: str) -> str:
        return self._noted(self.client.post(f"{reverse(name, args=args)}?lang={self.lang}", fields))

    def _noted(self, response: Any) -> str:
        assert response.status_code == 200
        self.partials |= {each.name for each in response.templates if each.name}
        return str(response.content.decode())

    def board(self) -> str:
        return self.get("screen")

    def key(self, number: str = NUMBER) -> str:
        return self.post("screen-arrival-number", number=number)

    def later_offer(self) -> str:
        """Booked at the screen for eleven o'clock; the sealed reference to it."""
        asked = {"start": at(11).isoformat(), "with": "nobody"}
        page = self.post("screen-walk-in-book", self.service.pk, **asked)
        self.visit = Appointment.objects.get(origin=Origin.SCREEN)
        Appointment.objects.update(number=NUMBER)
        return unquote(page.split("?booking=")[1].split('"', maxsplit=1)[0])

    def begin(self, who: str = "nobody") -> str:
        page = self.post("screen-walk-in-service", self.service.pk, **{"with": who})
        self.visit = Appointment.objects.get(is_walk_in=True)
        return page

    # ---- what follows ----

    def rung(self) -> list[str]:
        who = {"helper": self.helper, "desk": self.desk, "manager": self.manager}
        return [role for role, agent in who.items() if heard(agent)]

    def status(self) -> str:
        if self.visit is None:
            return ""
        self.visit.refresh_from_db()
        return str(self.visit.status)


@dataclass(frozen=True)
class Scene:
    """`shows` makes it and returns the sheet over the board, if there is one. `then`: how many minutes later
    something follows by itself."""

    name: str
    shows: Callable[[Stage], str | None]
    then: tuple[int, ...] = ()


type Shows = Callable[[Stage], str | None]


def collector(scenes: list[Scene]) -> Callable[..., Callable[[Shows], None]]:
    """The decorator `@scene(name, *minutes)` that puts each function into `scenes`."""

    def scene(name: str, *then: int) -> Callable[[Shows], None]:
        return lambda shows: scenes.append(Scene(name, shows, then))

    return scene
