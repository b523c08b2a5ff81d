"""The history of one screen: when it was dark, and the share of opening time in which it was not."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from agents.requests import AgentRequest
from communes.in_order import month_starts
from core import clock
from core.requests import for_roles
from core.roles import Role
from kiosk.outages import months_online
from kiosk.views.screens import screens_in_care

MONTHS = 6
SHOWN = 100


@for_roles(Role.DESK, Role.MANAGER, Role.TECHNICIAN)
@require_GET
def screen_outages(request: AgentRequest, pk: int) -> HttpResponse:
    screen = get_object_or_404(screens_in_care(request), pk=pk)
    now, commune = clock.now(), screen.site.commune
    rows = screen.outages.select_related("incident__taken_by").order_by("-began_at")[: SHOWN + 1]
    paired_in = commune.local(min(screen.paired_at, now)).date().replace(day=1)
    months = [month for month in month_starts(commune, now, MONTHS) if month >= paired_in]
    context = {
        "screen": screen,
        "months": months_online(screen, months, now),
        "outages": [(each, (each.ended_at or now) - each.began_at) for each in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "now": now,
    }
    with timezone.override(commune.tz):
        return render(request, "screens/outages.html", context)
