"""Gives the demonstration eight places and twenty-six helpers, in the environment of an installation:
`python -m tests.in_django tests.browser.many_helpers`."""

from datetime import date, time, timedelta

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership, ShiftPattern
from communes.models import Commune, Site
from core import clock
from core.days import Week, day_span
from planning.actions.publishing import publish_shifts

HOURS = "Mo-Fr 09:00-12:00,14:00-17:00; PH off"
PLACES = ["Annexe N.", "Annexe S.", "Fr. Services", "Médiathèque", "J. Moulin"]
NAMES = [
    "Amina",
    "Béatrice",
    "Célia",
    "Hugo",
    "Jamel",
    "Karine",
    "Paul",
    "Samir",
    "David",
    "Éric",
    "Inès",
    "Léo",
    "Manon",
    "Rachida",
    "Théo",
    "Zoé",
    "Farid",
    "Gaëlle",
    "Nadège",
    "Omar",
    "Quentin",
    "Ursula",
]


def main() -> None:
    commune = Commune.objects.get()
    now = clock.now()
    monday = Week.of(commune.local(now).date()).monday
    commune.sites.update(opening_hours=HOURS)
    for name in PLACES:
        Site.objects.create(commune=commune, ref=name, name=name, short_name=name, opening_hours=HOURS)
    places = list(commune.sites.all())
    for number, name in enumerate(NAMES):
        agent = Agent.objects.create(username=f"helper{number}", first_name=name, last_name="Exemple")
        Membership.objects.create(
            agent=agent, commune=commune, is_helper=True, weekly_hours=[14, 28, 35][number % 3]
        )
        _usual_week(agent, places, number, monday)
        if number % 8 == 0:
            _leave(agent, commune, monday + timedelta(days=number % 4))
    publish_shifts(commune=commune, until=monday + timedelta(days=3), now=now - timedelta(days=7))


def _usual_week(agent: Agent, places: list[Site], number: int, monday: date) -> None:
    """Mornings at one place and afternoons at another, some days free; one stays until late."""
    for half, (starts, ends) in enumerate(
        ((time(9), time(12)), (time(14), time(20 if number == 19 else 17)))
    ):
        ShiftPattern.objects.create(
            agent=agent,
            site=places[(number + half * (number % 2)) % len(places)],
            weekdays=[day for day in range(5) if (number + day + half) % 7],
            starts=starts,
            ends=ends,
            anchor_on=monday,
            from_on=monday - timedelta(weeks=2),
        )


def _leave(agent: Agent, commune: Commune, on: date) -> None:
    start, end = day_span(on, commune.tz, days=2)
    Absence.objects.create(agent=agent, commune=commune, starts_at=start, ends_at=end, kind=AbsenceKind.LEAVE)


if __name__ == "__main__":
    main()
