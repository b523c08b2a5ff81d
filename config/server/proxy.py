"""Who is calling, when a proxy of ours stands in front (BEHIND_PROXY)."""

from ipaddress import ip_address

from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The address that our proxy saw, so that guessing elsewhere locks nobody out at the town hall.

    It is the last of X-Forwarded-For: those before it are only what the caller says of themselves.
    """
    last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(last))
    except ValueError:
        return request.META.get("REMOTE_ADDR")
