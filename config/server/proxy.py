"""The address of the client, also where our own proxy is in front (setting BEHIND_PROXY)."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from agents.guessing import address_key


def counted_address(request: HttpRequest) -> str | None:
    """The key by which wrong passwords are counted; None if the server knows no address. django-axes is
    given no other, so that no address is stored."""
    address = client_ip(request) if settings.BEHIND_PROXY else request.META.get("REMOTE_ADDR")
    try:
        return address_key(address or "")
    except ValueError:
        return None


def client_ip(request: HttpRequest) -> str | None:
    """The address that connected to our proxy. Limits on wrong passwords count by it, so that somebody who
    guesses elsewhere locks nobody out at the town hall.

    It is the last address in X-Forwarded-For: the client can write the ones before it itself.
    """
    last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(last))
    except ValueError:
        return request.META.get("REMOTE_ADDR")
