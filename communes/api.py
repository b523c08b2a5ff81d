"""The API: a commune's sites and services, the keys of callers, and the limit on their calls."""

import hmac
import threading
from datetime import datetime
from typing import Annotated, Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_noop
from ninja import Router, Schema
from ninja.security import HttpBearer
from ninja.throttling import SimpleRateThrottle
from pydantic import Field

from communes.models import ApiKey, Cabin, Commune, Service, Site
from core import clock
from core.compiled import Compiled, fields_of, instance

router = Router(tags=["places"])


class ApiRequest(HttpRequest):
    """A request after `CommuneKey` has found its key (for the type checker)."""

    auth: ApiKey


def commune_of(request: HttpRequest) -> Commune:
    """The commune of the caller's key. The caller can see nothing of any other commune."""
    return cast(ApiRequest, request).auth.commune


def may_read_figures(request: HttpRequest) -> bool:
    return cast(ApiRequest, request).auth.reads_figures


class CommuneKey(HttpBearer):
    """`Authorization: Bearer <key>`, a key made by `manage.py api_key create`."""

    def __call__(self, request: HttpRequest) -> Any | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        # ninja's own version writes what was sent into the log; this one does not.
        return self.authenticate(request, key.strip()) if scheme.lower() == "bearer" else None

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        digest = ApiKey.hash(token)
        for key_id, key_hash, reads_figures, *commune in _keys(key_hash=digest):
            if hmac.compare_digest(key_hash, digest):
                known = instance(Commune, commune)
                return ApiKey(pk=key_id, commune=known, reads_figures=bool(reads_figures))
        return None


@Compiled
def _keys(key_hash: str) -> Any:
    rows = ApiKey.objects.filter(key_hash=key_hash, revoked_at=None).order_by()
    return rows.values_list("pk", "key_hash", "reads_figures", *fields_of(Commune, through="commune__"))


class KeyThrottle(threading.local, SimpleRateThrottle):
    """Limits the calls per key and process, so that a caller's endless loop does not slow the desk down.

    The library keeps the state of the present call on the throttle itself, so each thread has its own
    (`threading.local`).
    """

    scope = "key"

    def get_cache_key(self, request: HttpRequest) -> str:
        return f"api-calls-{cast(ApiRequest, request).auth.pk}"


class CabinOut(Schema):
    id: int
    name: str
    equipment: list[str]
    in_order: bool
    out_until: Annotated[
        datetime | None,
        Field(description=gettext_noop("Out of order until then; null: in order, or nobody knows.")),
    ]
    in_service_at: Annotated[
        datetime | None, Field(description=gettext_noop("Nothing is offered there before; null: in service."))
    ]
    retired_at: Annotated[
        datetime | None,
        Field(description=gettext_noop("Nothing is offered there from then on; null: for good.")),
    ]


class SiteOut(Schema):
    id: int
    ref: Annotated[str, Field(description=gettext_noop("Identifier in the national file of places."))]
    name: str
    address: str
    address_extra: str
    postal_code: str
    city: str
    latitude: float | None
    longitude: float | None
    phone: str
    opening_hours: Annotated[
        str, Field(description=gettext_noop("In the OpenStreetMap syntax; empty: closed."))
    ]
    accessibility: list[str]
    cabins: list[CabinOut]

    @staticmethod
    def resolve_cabins(site: Site) -> list[Cabin]:
        now = clock.now()
        return [cabin for cabin in site.cabins.all() if not cabin.is_retired(now)]


class ServiceOut(Schema):
    id: int
    slug: str
    name: str
    theme: str
    duration_min: int
    helper_policy: Annotated[str, Field(description=gettext_noop("required, optional or none"))]
    equipment_needed: list[str]
    what_to_bring: str
    booker: Annotated[
        str, Field(description=gettext_noop("everyone, or desk: then not bookable over the API"))
    ]
    lead_min_hours: int
    lead_max_days: int

    @staticmethod
    def resolve_lead_min_hours(service: Service) -> int:
        return service.lead_times(service.commune)[0]

    @staticmethod
    def resolve_lead_max_days(service: Service) -> int:
        return service.lead_times(service.commune)[1]


@router.get("/sites", response=list[SiteOut], summary=gettext_noop("Places with their cabins"))
def sites(request: HttpRequest) -> Any:
    return commune_of(request).sites.filter(is_active=True).prefetch_related("cabins")


@router.get("/services", response=list[ServiceOut], summary=gettext_noop("What residents come for"))
def services(request: HttpRequest) -> Any:
    return Service.objects.filter(commune=commune_of(request)).active().select_related("commune")
