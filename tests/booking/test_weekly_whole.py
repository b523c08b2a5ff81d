"""Whatever is taken and chosen: what is written of a weekly series is what was chosen, or nothing."""

from datetime import datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.models import Appointment, Resident
from communes.models import Cabin, Service
from tests.booking.test_weekly_desk import FRIDAY, WEEK, booked, desk, fatima, held, sent, taken, values
from tests.profiles import share

pytestmark = pytest.mark.usefixtures("tuesday")
__all__ = ["desk", "fatima", "held"]

CHOICES = st.sampled_from(["", "skip", "end", "first", "last"])


def test_what_is_written_is_what_was_chosen_or_nothing(
    desk: Client, held: Appointment, fatima: Resident, cabin: Cabin, service: Service
) -> None:
    outcomes = set()

    @settings(max_examples=share(0.1), deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        full=st.sets(st.integers(1, 5)),
        chosen=st.lists(CHOICES, min_size=8, max_size=8),
        late=st.sets(st.integers(1, 5), max_size=1),
        times=st.integers(2, 6),
    )
    def run(full: set[int], chosen: list[str], late: set[int], times: int) -> None:
        with transaction.atomic():
            for n in full:
                taken(cabin, service, FRIDAY + n * WEEK)
            data = sent(held, fatima, times)
            expected: list[datetime] | None = [FRIDAY]
            for n, choice in enumerate(chosen[:times]):  # a choice at a time, as the page lists them
                shown = desk.post(reverse("desk-weeks"), data).context["weeks"].following
                if n < len(shown) and shown[n].options and choice:
                    words = values(shown[n])
                    data[shown[n].name] = {"first": words[2:3] or ["skip"], "last": words[-1:]}.get(
                        choice, [choice]
                    )[0]
            shown = desk.post(reverse("desk-weeks"), data).context["weeks"]
            for week in shown.following:
                option = next((each for each in week.options if each.value == week.chosen), None)
                if week.is_open:
                    expected = None
                elif expected is not None and week.chosen not in ("skip", "end"):
                    expected.append(option.start if option and option.start else week.start)
            for n in late - full:  # somebody is faster
                taken(cabin, service, FRIDAY + n * WEEK, hours=0.5)
                if expected and FRIDAY + n * WEEK in expected:
                    expected = None
            response = desk.post(reverse("desk-confirm"), data)
            outcomes.add((response.status_code, expected is None))
            assert booked() == (sorted(expected) if expected else [])
            assert response.status_code == (302 if expected else 409)
            transaction.set_rollback(True)

    run()
    assert outcomes == {(302, False), (409, True)}
