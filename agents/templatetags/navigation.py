"""Links of the navigation bar to pages of other apps, by URL name, where they exist."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse

register = template.Library()


@dataclass(frozen=True)
class PageLink:
    href: str
    is_current: bool


@register.simple_tag(takes_context=True)
def page_link(context: dict[str, Any], name: str, also: str = "") -> PageLink | None:
    """The link to the page with this URL name, or None if this installation has no such page.

    also: names of other pages that belong to the same entry of the bar, separated by spaces.
    """
    if name == "simulator" and not settings.DEBUG:
        return None
    try:
        href = reverse(name)
    except NoReverseMatch:
        return None
    request = context.get("request")
    entries = (href, *(reverse(each) for each in also.split()))
    return PageLink(href, bool(request and request.path.startswith(entries)))
