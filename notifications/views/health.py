"""For a monitor: needs no login, shows no personal data."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.clock import now
from notifications.pages.health import look


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """Status 200 if messages leave in time, 503 otherwise."""
    found = look(now=now())
    return JsonResponse(found.as_dict(), status=200 if found.is_ok else 503)
