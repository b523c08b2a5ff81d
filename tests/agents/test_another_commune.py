"""Whoever works for two communes, with a page of each open in the same browser."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Membership
from communes.models import Commune
from tests.edits import Form, forms_of
from tests.factories import make_commune

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tuesday")]


@pytest.fixture
def other(commune: Commune, dana: Agent) -> Commune:
    found = make_commune(name="Rive-Basse")
    Membership.objects.create(agent=dana, commune=found, is_manager=True)
    return found


def form_of(browser: Client, page: str) -> Form:
    return next(form for form in forms_of(browser.get(page)) if form.action in ("", page) and form.data)


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        (reverse("booking-settings"), {"lead_max_days": "9"}),
        (reverse("commune-edit"), {"name": "Autre"}),
        (reverse("site-new"), {"name": "Médiathèque", "wheelchair": "unknown"}),
        (reverse("service-new"), {"name": "Aide", "theme": "social_sante", "duration_min": "30"}),
        (reverse("account-new"), {"first_name": "Awa", "last_name": "D", "username": "awa", "is_desk": "on"}),
    ],
)
def test_a_form_of_one_commune_is_not_saved_in_the_other(
    commune: Commune, other: Commune, dana: Agent, page: str, typed: dict[str, str]
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(dana)
    form = form_of(browser, page)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    here, there = (commune, other) if "Petit" in browser.get(page).content.decode() else (other, commune)
    before = [everything(each) for each in (here, there)]
    assert browser.post(reverse("switch-commune"), {"commune": there.pk, **token}).status_code == 302
    answer = browser.post(page, {**form.sent, **typed})
    assert answer.status_code == 403
    assert "ouverte depuis trop longtemps" in answer.content.decode()
    assert [everything(each) for each in (here, there)] == before


def everything(commune: Commune) -> tuple[object, ...]:
    commune.refresh_from_db()
    rows = commune.sites.count(), commune.services.count(), commune.memberships.count()
    return commune.name, commune.lead_max_days, *rows
