"""Tells templates what keeps messages from leaving."""

from django import template
from django.utils.functional import Promise

from notifications.alarms.advice import BlockedChannels

register = template.Library()


@register.filter
def of_channel(waits: BlockedChannels | str, channel: str) -> str | Promise:
    """Why the messages of that channel wait; empty if they leave."""
    return "" if isinstance(waits, str) else waits.get(channel, "")
