"""Fetching a URL that an agent typed, without letting it reach our own network.

Only http(s) and public addresses are allowed. The address that a name resolves to is checked, and then
exactly that address is connected to, so that a name cannot resolve differently the second time (DNS
rebinding). Each redirect is checked anew. Size, time and number of redirects are bounded. No proxy of the
environment is used.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from planning.errors import CalendarRefused

MOST_BYTES = 10 * 1024 * 1024
"""Ten years of a full calendar: what is past does not count when it is read, but it must be fetched."""
SECONDS = 10.0
MOST_REDIRECTS = 3
PORTS = frozenset({80, 443})

_REDIRECTS = {301, 302, 303, 307, 308}

_WEBCAL = re.compile(r"\s*webcals?://", re.IGNORECASE)

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def as_https(url: str) -> str:
    """The address that `webcal://` stands for: so calendar services write addresses to follow."""
    return _WEBCAL.sub("https://", url, count=1)


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet. An IPv6 address that contains an IPv4 address counts
    as not public."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner:
            return False
        if address in _NAT64:
            return False
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Limits:
    """What may be fetched, and how much. Tests with a server of their own allow more."""

    may_reach: Callable[[Address], bool] = is_public
    may_use_port: Callable[[int], bool] = PORTS.__contains__
    most_bytes: int = MOST_BYTES
    seconds: float = SECONDS


def fetch(url: str, limits: Limits = Limits()) -> bytes:
    """The body at this URL; raises CalendarRefused."""
    deadline = time.monotonic() + limits.seconds
    for _ in range(MOST_REDIRECTS + 1):
        found = _get(url, limits, deadline)
        if isinstance(found, bytes):
            return found
        url = urljoin(url, found)
    raise CalendarRefused("redirects")


def _get(url: str, limits: Limits, deadline: float) -> bytes | str:
    """The body, or the URL of a redirect."""
    parts, port = _checked(url, limits)
    host = parts.hostname or ""
    connection = _connect(host, port, parts.scheme, _resolved(host, port, limits), deadline)
    # The timeout of one read never expires if the server sends a byte now and then: this timer ends the whole
    # request.
    watch = threading.Timer(_left(deadline), _cut, [connection.sock])
    watch.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept": "text/calendar", "User-Agent": "Permanence"})
        response = connection.getresponse()
        if response.status in _REDIRECTS:
            return response.headers.get("Location") or _refuse("status")
        if response.status != 200:
            raise CalendarRefused("status")
        return _body(response, limits, deadline)
    except TimeoutError as error:
        raise CalendarRefused("too_slow") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CalendarRefused("too_slow" if time.monotonic() >= deadline else "unreachable") from error
    finally:
        watch.cancel()
        connection.close()


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _refuse(problem: str) -> str:
    raise CalendarRefused(problem)


def _checked(url: str, limits: Limits) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(as_https(url))
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise CalendarRefused("address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.password:
        raise CalendarRefused("address")
    if not url.isprintable() or " " in url:
        raise CalendarRefused("address")
    if not limits.may_use_port(port):
        raise CalendarRefused("internal")
    return parts, port


def _resolved(host: str, port: int, limits: Limits) -> str:
    """One address of the host. All addresses of the host must be allowed, or CalendarRefused is raised."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CalendarRefused("unknown_host") from error
    addresses = [str(row[4][0]) for row in rows]
    if not addresses or not all(limits.may_reach(_address(each)) for each in addresses):
        raise CalendarRefused("internal")
    return addresses[0]


def _address(text: str) -> Address:
    return ipaddress.ip_address(text.partition("%")[0])


def _connect(host: str, port: int, scheme: str, address: str, deadline: float) -> http.client.HTTPConnection:
    """A connection to exactly this address; TLS and the Host header use the host's name."""
    try:
        raw = socket.create_connection((address, port), timeout=_left(deadline))
        if scheme == "https":
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    except TimeoutError as error:
        raise CalendarRefused("too_slow") from error
    except (OSError, ValueError) as error:
        raise CalendarRefused("unreachable") from error
    connection = http.client.HTTPConnection(host, port)
    connection.sock = raw
    return connection


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise CalendarRefused("too_slow")
    return left


def _body(response: http.client.HTTPResponse, limits: Limits, deadline: float) -> bytes:
    """The body, read in pieces, so that the limits of size and time end a large or slow answer."""
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(65536):
        pieces.append(piece)
        size += len(piece)
        if size > limits.most_bytes:
            raise CalendarRefused("too_large")
        _left(deadline)
    # The body is complete only if time was left and all the announced bytes have arrived.
    _left(deadline)
    if response.length:
        raise CalendarRefused("unreachable")
    return b"".join(pieces)
