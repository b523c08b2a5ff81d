"""Requests to a provider over HTTP: whether a message may have left when the line broke."""

import requests
from urllib3.exceptions import NewConnectionError


def never_left(error: requests.exceptions.RequestException) -> str | None:
    """The code to keep if the request certainly did not reach the provider; None if it may have."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "connect"
    if isinstance(error, requests.exceptions.ProxyError | requests.exceptions.SSLError):
        return type(error).__name__
    if isinstance(error, requests.exceptions.ConnectionError) and _never_connected(error):
        return "connect"
    return None


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError)
