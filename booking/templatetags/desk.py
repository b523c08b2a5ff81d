"""Addresses of the desk page."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from booking.desk import Desk

register = template.Library()


@register.simple_tag
def desk_address(desk: Desk, **changes: Any) -> str:
    """The desk page as it is, with some parts changed (None: left out)."""
    return f"{reverse('desk')}?{desk.address(**changes)}"


@register.simple_tag
def preview_query(desk: Desk) -> str:
    """What the message fragment needs to know of the time picked."""
    assert desk.chosen is not None
    parts = {
        "resident": desk.resident.pk if desk.resident else None,
        "site": desk.chosen[0],
        "start": desk.chosen[1].isoformat(),
        "cabin": desk.hold.cabin_id if desk.hold else None,
        "appointment": desk.moving.pk if desk.moving else None,
    }
    return urlencode({name: value for name, value in parts.items() if value is not None})


@register.simple_tag
def next_free_query(desk: Desk) -> str:
    return desk.address(hold=None, slot=None)
