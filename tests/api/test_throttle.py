"""So many calls per key: one caller's flood is refused, and counts for nobody else."""

import threading
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest

from communes.api import ApiRequest, KeyThrottle
from communes.models import ApiKey


class SlowCache(LocMemCache):
    """Whoever asks for the first key waits until another has been counted, as a thread may at any time."""

    def __init__(self) -> None:
        super().__init__("throttle", {})
        self.clear()
        self.reached, self.go_on = threading.Event(), threading.Event()

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        if key == "api-calls-1":
            self.reached.set()
            assert self.go_on.wait(5)
        return super().get(key, *args, **kwargs)


def call_with(key: int) -> HttpRequest:
    request = ApiRequest()
    request.auth = ApiKey(pk=key)
    return request


def test_two_callers_at_once_are_each_counted_as_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = SlowCache()
    monkeypatch.setattr(KeyThrottle, "cache", cache)
    throttle = KeyThrottle("2/min")
    first = threading.Thread(target=throttle.allow_request, args=[call_with(1)])
    first.start()
    assert cache.reached.wait(5)
    assert throttle.allow_request(call_with(2))
    cache.go_on.set()
    first.join()
    assert [len(cache.get(f"api-calls-{key}", [])) for key in (1, 2)] == [1, 1]
    assert [throttle.allow_request(call_with(2)) for _ in range(3)] == [True, False, False]
    assert throttle.allow_request(call_with(1))
