"""Another system of the commune, and what it asks."""

import json
from datetime import datetime
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client

from communes.models import Commune, Service, Site
from tests.factories import at

ROOT = "/api/v1"


def make_key(commune: Commune) -> str:
    out = StringIO()
    call_command("api_key", "create", commune=commune.slug, name="Site web", stdout=out, stderr=StringIO())
    return out.getvalue().strip()


class Caller:
    """Another system, with its key."""

    def __init__(self, key: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str, **data: Any) -> Any:
        return self.client.get(f"{ROOT}{path}", data, headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        raw = body if isinstance(body, str | bytes) else json.dumps(body or {})
        return self.client.post(f"{ROOT}{path}", raw, content_type="application/json", headers=self.headers)


TWO = at(14)


def booking(service: Service, site: Site, start: datetime = TWO, **changes: Any) -> dict[str, Any]:
    return {
        "service": service.pk,
        "site": site.pk,
        "start": start.isoformat(),
        "with_helper": False,
        "resident": {"first_name": "Fatima", "last_name": "Bensaïd", "phone": "06 39 98 12 34"},
        **changes,
    }


def problem(response: Any) -> tuple[int, str]:
    """Status and code of a refusal, whose shape is checked on the way."""
    body = response.json()
    assert list(body) == ["error"]
    assert {"code", "message"} <= set(body["error"]) <= {"code", "message", "details"}
    assert body["error"]["message"]
    return response.status_code, body["error"]["code"]
