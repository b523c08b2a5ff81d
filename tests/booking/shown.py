"""The desk page as tests read it: its columns, times, sentences and links."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse

from booking.pages.desk import Desk
from communes.models import Service
from tests.html import Page


class Shown:
    """The desk page for a query string, for a service without a helper."""

    def __init__(self, desk: Client, of: Service, **asked: Any) -> None:
        query: dict[str, Any] = {"service": of.pk, "helper": "0", **asked}
        response = desk.get(reverse("desk"), query)
        assert response.status_code == 200
        self.page = Page(response.content.decode())
        self.state: Desk = response.context["desk"]

    @property
    def days(self) -> list[date]:
        return [day.on for day in self.state.days]

    @property
    def starts(self) -> list[tuple[date, str]]:
        """All times: those shown at once, and the folded ones."""
        return [
            (day.on, f"{self.state.commune.local(slot.start):%H:%M}")
            for day in self.state.days
            for half in day.halves
            for slot in (*half.first, *half.more)
        ]

    def text(self, pk: str) -> str:
        return self.page.text(self.page.one(id=pk))

    @property
    def weekdays(self) -> list[str | None]:
        """Those that can be ticked."""
        return [each["value"] for each in self.page.all("name", "days") if each.get("type") == "checkbox"]

    @property
    def columns(self) -> list[str]:
        return [self.page.text(each) for each in self.page.elements if each.get("class") == "day"]

    def address(self, pk: str) -> dict[str, list[str]]:
        """The query string to which a link leads."""
        return parse_qs(urlsplit(self.page.one(id=pk)["href"] or "").query)
