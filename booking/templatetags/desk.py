"""URLs of the desk page, and names of its buttons."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from booking.engine.gaps import Gap
from booking.forms.desk import slot_value
from booking.models import Appointment
from booking.pages.desk import Desk
from booking.pages.today import Lane
from communes.models import Site
from core.templatetags.naming import about
from core.templatetags.times import hour, short_day

register = template.Library()


@register.simple_tag
def desk_address(desk: Desk, **changes: Any) -> str:
    """The present desk page with some parts changed (None: left out)."""
    return f"{reverse('desk')}?{desk.address(**changes)}"


@register.simple_tag
def next_free_query(desk: Desk) -> str:
    return desk.address(hold=None, slot=None)


@register.simple_tag
def place_address(site: Site, lane: Lane, gap: Gap) -> str:
    """The URL of the page that books a visit in a gap of the day."""
    whose = {"cabin": lane.cabin.pk} if lane.cabin else {"helper": lane.helper.pk if lane.helper else None}
    return f"{reverse('place')}?{urlencode({'slot': slot_value(site.pk, gap.starts_at), **whose})}"


@register.simple_tag
def about_visit(appointment: Appointment, how: str = "") -> SafeString:
    """Whose visit a button is about, and at what time, for screen readers.

    `how`: "short" says no last name; "today" and "list", of pages that show one day, no day.
    """
    resident, start = appointment.resident, appointment.starts_at
    name = resident.screen_name if resident and how == "short" else resident
    name = appointment.number_for_name or name
    is_of_one_day = how in ("", "short", "today", "list")
    return about(name or gettext("without a name"), "" if is_of_one_day else short_day(start), hour(start))
