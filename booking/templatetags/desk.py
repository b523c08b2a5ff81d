"""URLs of the desk page."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from booking.engine.gaps import Gap
from booking.forms.desk import slot_value
from booking.pages.desk import Desk
from booking.pages.today import Lane
from communes.models import Site

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
