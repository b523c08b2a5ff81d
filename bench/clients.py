"""HTTP clients for measurements: some ask again as soon as they are answered, others ask at a fixed rate."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from queue import Queue
from typing import Any, NamedTuple, Self

TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Call:
    path: str
    method: str = "GET"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def json(cls, path: str, body: object, key: str) -> Self:
        headers = (("Authorization", f"Bearer {key}"), ("Content-Type", "application/json"))
        return cls(path, "POST", json.dumps(body).encode(), headers)

    @classmethod
    def get(cls, path: str, key: str) -> Self:
        return cls(path, headers=(("Authorization", f"Bearer {key}"),))


class Answer(NamedTuple):
    status: int
    body: bytes
    location: str


@dataclass
class Answers:
    """The results: seconds, statuses, error codes of the API, and the bodies if kept."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    took: float = 0
    bodies: list[bytes] = field(default_factory=list)

    def add(self, seconds: float, status: int, body: bytes) -> None:
        self.seconds.append(seconds)
        self.statuses[status] += 1
        if status >= 400:
            self.codes[_code(body)] += 1

    @property
    def errors(self) -> int:
        """Answers that are neither a success nor a clean refusal, and calls without answer (status 0)."""
        return sum(number for status, number in self.statuses.items() if not 200 <= status < 500)


class Client:
    """One kept-open connection, as a proxy in front of the server would have."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)

    def fetch(self, call: Call) -> Answer:
        self.connection.request(call.method, call.path, call.body or None, dict(call.headers))
        answer = self.connection.getresponse()
        return Answer(answer.status, answer.read(), answer.headers.get("Location", ""))

    def timed(self, call: Call) -> tuple[float, int, bytes]:
        began = time.perf_counter()
        try:
            status, body, _ = self.fetch(call)
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            status, body = 0, type(error).__name__.encode()
        return time.perf_counter() - began, status, body

    def close(self) -> None:
        self.connection.close()


type Task = Sequence[Call]
"""Calls made one after the other and timed as one: an answer that needs several requests."""


def ask(port: int, tasks: Sequence[Task], clients: int = 4, *, keep: bool = False) -> Answers:
    """Let some clients work through the tasks, each as fast as it is answered; `keep`: keep the bodies."""
    answers, lock, left = Answers(), threading.Lock(), iter(tasks)

    def work() -> None:
        client = Client(port)
        while True:
            with lock:
                task = next(left, None)
            if task is None:
                break
            results = [client.timed(call) for call in task]
            with lock:
                for _, status, body in results:
                    answers.add(0, status, body)
                    answers.bodies += [body] if keep else []
                answers.seconds[-len(results) :] = [sum(seconds for seconds, _, _ in results)]
        client.close()

    answers.took = _in_threads(work, clients)
    return answers


def offer(
    port: int, calls: Iterator[Call], *, per_second: float, seconds: float, clients: int = 40
) -> Answers:
    """Send calls at a fixed rate, whether or not earlier ones are answered. A call's time counts from the
    moment when it was due, so that waiting behind a slow server counts too."""
    answers, lock = Answers(), threading.Lock()
    due: Queue[tuple[float, Call] | None] = Queue()

    def work() -> None:
        client = Client(port)
        while (item := due.get()) is not None:
            at, call = item
            _, status, body = client.timed(call)
            with lock:
                answers.add(time.perf_counter() - at, status, body)
        client.close()

    def feed() -> None:
        began = time.perf_counter()
        for number in count():
            at = began + number / per_second
            if at >= began + seconds:
                break
            time.sleep(max(0.0, at - time.perf_counter()))
            due.put((at, next(calls)))
        for _ in range(clients):
            due.put(None)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    answers.took = _in_threads(work, clients)
    return answers


def at_once(port: int, calls: Sequence[Call]) -> Answers:
    """One client per call, connected beforehand; all calls are sent at the same moment. `took` is the time
    until the last answer."""
    answers, lock, barrier = Answers(), threading.Lock(), threading.Barrier(len(calls))

    def work(call: Call) -> Callable[[], None]:
        def run() -> None:
            client = Client(port)
            client.connection.connect()
            barrier.wait(TIMEOUT_S)
            seconds, status, body = client.timed(call)
            with lock:
                answers.add(seconds, status, body)
            client.close()

        return run

    threads = [threading.Thread(target=work(call), daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * TIMEOUT_S)
    answers.took = max(answers.seconds)
    return answers


def _in_threads(work: Callable[[], None], number: int) -> float:
    began = time.perf_counter()
    threads = [threading.Thread(target=work, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _code(body: bytes) -> str:
    try:
        content: Any = json.loads(body)
        return str(content["error"]["code"])
    except (ValueError, LookupError, TypeError):
        return body[:60].decode(errors="replace") or "empty"
