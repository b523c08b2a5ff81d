"""Limits the guessing of passwords by address too; django-axes limits it by name and address.

Six wrong passwords stop one name. Whoever tries one likely password with each name is stopped here: thirty
failures over at least five names block their address, until fewer than thirty lie within fifteen minutes.
An address from which somebody logged in lately is never blocked: a town hall has one for everybody.

Only keys of addresses and names are stored, made with the secret key. Requests that run at once may fail a
few times more than that: as many as there are threads.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from django.contrib.auth import authenticate
from django.db.models import Count
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from agents.models import FailedLogin, KnownAddress
from core import clock

WINDOW = timedelta(minutes=15)
MOST_FAILURES = 30
FEWEST_NAMES = 5
KNOWN_FOR = timedelta(days=7)

_IPV6_CLIENT = 64
"""Bits of an IPv6 address that name the client's network: the rest its devices choose themselves."""


def address_key(address: str) -> str:
    """A key of the address; of its network for IPv6. It has the form of a private IPv6 address (fd…), since
    it is also stored in a column of django-axes that takes nothing else. Raises ValueError."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or ip_network((int(found), _IPV6_CLIENT), strict=False).network_address
    return str(IPv6Address(b"\xfd" + _key("address", str(found))[:15]))


def name_key(name: str) -> str:
    return _key("name", name.strip().casefold()).hex()


def _key(what: str, text: str) -> bytes:
    return salted_hmac(f"agents.guessing.{what}", text, algorithm="sha256").digest()


def is_blocked(address: str, now: datetime) -> bool:
    """Whether no password is looked at now that comes from the address with this key."""
    found = FailedLogin.objects.filter(address=address, at__gt=now - WINDOW).aggregate(
        failures=Count("pk"), names=Count("name", distinct=True)
    )
    if found["failures"] < MOST_FAILURES or found["names"] < FEWEST_NAMES:
        return False
    return not KnownAddress.objects.filter(address=address, last_login_at__gt=now - KNOWN_FOR).exists()


def note_failure(address: str, name: str, now: datetime) -> None:
    FailedLogin.objects.filter(at__lte=now - WINDOW).delete()
    FailedLogin.objects.create(address=address, name=name_key(name), at=now)


def note_login(address: str, now: datetime) -> None:
    KnownAddress.objects.update_or_create(address=address, defaults={"last_login_at": now})


def forget_old(now: datetime) -> None:
    """Delete what no longer counts."""
    FailedLogin.objects.filter(at__lte=now - WINDOW).delete()
    KnownAddress.objects.filter(last_login_at__lte=now - KNOWN_FOR).delete()


def gave_password(request: HttpRequest, password: str) -> bool:
    """Whether this is the password of the agent who is logged in. A wrong one counts as in the login; the
    right one forgets the wrong ones before it."""
    name = request.user.get_username()
    if authenticate(request, username=name, password=password) is None:
        return False
    AxesProxyHandler.reset_attempts(username=name, ip_address=request.axes_ip_address)  # type: ignore[attr-defined]
    return True


class LoginLimits(AxesDatabaseHandler):  # type: ignore[misc]  # django-axes has no types
    """What django-axes asks before and tells after each attempt. It sets `request.axes_ip_address`, here a
    key, and shows the page of its lock-out if `request.axes_locked_out`."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        return self._blocks(request) or super().is_locked(request, credentials)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        was_looked_at = request is not None and not request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        name = get_client_username(request, credentials) if was_looked_at else None
        if name and request.axes_ip_address:
            note_failure(request.axes_ip_address, name, clock.now())
            request.axes_locked_out = self._blocks(request) or request.axes_locked_out

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        if request.axes_ip_address:
            note_login(request.axes_ip_address, clock.now())

    def _blocks(self, request: Any) -> bool:
        """Whether the address is blocked; notes it for the page, which then speaks of no name."""
        address = request.axes_ip_address
        request.address_is_blocked = bool(address) and is_blocked(address, clock.now())
        return bool(request.address_is_blocked)
