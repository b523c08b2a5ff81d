"""The address of the client, where our own proxy is in front (setting BEHIND_PROXY)."""

from ipaddress import ip_address

from django.http import HttpRequest


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
