"""Work that an answer does not wait for: done once it has been sent, in this process.

Under WSGI and in tests that is when the answer is closed. Our own server closes an answer before it sends it,
to give the database connection back early, so it takes the work out (`take`) and does it when all is sent
(`config/server/handler.py`).
"""

import logging
from collections.abc import Callable
from functools import partial

from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)

type Work = Callable[[], object]

_NAME = "work_afterwards"


def after_answer(response: HttpResponseBase, work: Work) -> None:
    """Have `work` done after this answer has been sent. Its failure is logged and reaches nobody."""
    works: list[Work] | None = getattr(response, _NAME, None)
    if works is None:
        works = []
        setattr(response, _NAME, works)
        closers: list[Work] = response._resource_closers  # type: ignore[attr-defined]  # unknown to the stubs
        closers.append(partial(do, works))
    works.append(work)


def take(response: HttpResponseBase) -> list[Work]:
    """The work of this answer: the caller does it, and closing the answer does not."""
    works: list[Work] = getattr(response, _NAME, [])
    taken = works[:]
    works.clear()
    return taken


def do(works: list[Work]) -> None:
    """Do each, the first one first, and leave none in the list."""
    while works:
        work = works.pop(0)
        try:
            work()
        except Exception:
            logger.exception("what was to be done after an answer failed")
