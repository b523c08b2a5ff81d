"""Another system of the commune, and what it asks."""

import json
import re
from datetime import datetime
from functools import cache
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client

from communes.models import Commune, Service, Site
from config.api.refusals import codes_of
from config.api.site import api
from tests.factories import at

ROOT = "/api/v1"


def make_key(commune: Commune, *, figures: bool = False) -> str:
    out = StringIO()
    asked = {"commune": commune.slug, "name": "Site web", "figures": figures}
    call_command("api_key", "create", stdout=out, stderr=StringIO(), **asked)
    return out.getvalue().strip()


class Caller:
    """Another system, with its key."""

    def __init__(self, key: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str, **data: Any) -> Any:
        return as_described("get", path, self.client.get(f"{ROOT}{path}", data, headers=self.headers))

    def post(self, path: str, body: Any = None) -> Any:
        raw = body if isinstance(body, str | bytes) else json.dumps(body or {})
        sent = self.client.post(f"{ROOT}{path}", raw, content_type="application/json", headers=self.headers)
        return as_described("post", path, sent)


def as_described(method: str, path: str, response: Any) -> Any:
    """The answer, whose status and code stand in the OpenAPI description, and which nobody may store."""
    assert response.headers["Cache-Control"] == "no-store"
    operation = operations().get((method, re.sub(r"/\d+(?=/|$)", "/{id}", path)))
    if operation is None:
        return response
    if response.status_code < 400:
        assert response.status_code in operation["responses"]
    else:
        code = response.json()["error"]["code"]
        assert code in codes_of(operation)[response.status_code], (response.status_code, code)
    return response


@cache
def operations() -> dict[tuple[str, str], Any]:
    paths = api.get_openapi_schema()["paths"].items()
    return {
        (method, path.removeprefix(ROOT)): operation
        for path, methods in paths
        for method, operation in methods.items()
    }


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
