"""A fake provider, as an HTTP server of our own: accepts, refuses with each code, loses replies, is slow.

Runs inside the tests (`FakeTwilio`), or as its own process for tests that kill ours: `python -m
tests.notifications.fake_twilio` prints its port, answers after `--delay` seconds, reports at `/_count`
how often it accepted each message, and learns at `/_answers` how to answer from now on.
"""

import argparse
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from twilio.request_validator import RequestValidator

ACCOUNT, TOKEN = "AC" + "0" * 32, "token-of-the-fake"


@dataclass
class Taken:
    """A message or a call that the provider has."""

    sid: str
    kind: str
    params: dict[str, str]
    at: datetime
    status: str = "queued"
    error_code: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "account_sid": ACCOUNT,
            "to": self.params.get("To"),
            "from": self.params.get("From"),
            "body": self.params.get("Body"),
            "status": self.status,
            "error_code": self.error_code,
            "date_created": format_datetime(self.at),
            "date_sent": None,
            "direction": "outbound-api",
        }


type Answer = Callable[["Handler", dict[str, str]], None]


def accept(handler: "Handler", params: dict[str, str]) -> None:
    taken = handler.fake.take(handler.resource, params)
    handler.reply(201, taken.as_json())


def refuse(code: int, status: int = 400) -> Answer:
    def answer(handler: "Handler", params: dict[str, str]) -> None:
        handler.reply(status, {"code": code, "message": "refused", "more_info": "", "status": status})

    return answer


def lose_reply(handler: "Handler", params: dict[str, str]) -> None:
    """Takes the message; the line breaks before the answer is out."""
    handler.fake.take(handler.resource, params)
    handler.close_connection = True


def lose_request(handler: "Handler", params: dict[str, str]) -> None:
    """The line breaks, and the message was never taken."""
    handler.close_connection = True


def slow(seconds: float) -> Answer:
    """Takes the message, and answers when nobody listens any more."""

    def answer(handler: "Handler", params: dict[str, str]) -> None:
        taken = handler.fake.take(handler.resource, params)
        time.sleep(seconds)
        handler.reply(201, taken.as_json())

    return answer


def garble(handler: "Handler", params: dict[str, str]) -> None:
    """Takes the message, and a proxy answers for it."""
    handler.fake.take(handler.resource, params)
    handler.reply_raw(502, b"<html>Bad gateway</html>")


@dataclass
class FakeTwilio:
    """`answers` are used up one per request; then every message gets the usual one: accepted."""

    delay_s: float = 0.0
    answers: list[Answer] = field(default_factory=list)
    usual: Answer = accept
    """What it answers once `answers` are used up."""
    taken: list[Taken] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    """The ids that were asked about one by one."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    list_fails: bool = False
    deleted: list[str] = field(default_factory=list)
    deleting_fails: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __enter__(self) -> "FakeTwilio":
        return self.start()

    def start(self, port: int = 0) -> "FakeTwilio":
        handler = type("BoundHandler", (Handler,), {"fake": self})
        self.server = Server(("127.0.0.1", port), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def take(self, kind: str, params: dict[str, str]) -> Taken:
        prefix = {"Messages": "SM", "Calls": "CA"}[kind]
        taken = Taken(prefix + secrets.token_hex(16), kind, params, self.clock())
        with self.lock:
            self.taken.append(taken)
        return taken

    def next_answer(self, params: dict[str, str]) -> Answer:
        with self.lock:
            return self.answers.pop(0) if self.answers else self.usual

    def listed(self, kind: str, to: str) -> list[dict[str, Any]]:
        with self.lock:
            found = [each for each in self.taken if each.kind == kind and each.params.get("To") == to]
        return [each.as_json() for each in reversed(found)]

    def bodies(self) -> list[str]:
        return [each.params.get("Body", "") for each in self.taken]

    def counts(self) -> dict[str, int]:
        with self.lock:
            return dict(
                Counter(f"{each.params.get('To')} {each.params.get('Body', '')}" for each in self.taken)
            )


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeTwilio
    resource = ""

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # whoever sent it was killed halfway: no server takes that
            return
        params = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        if self.path == "/_answers":
            code, status = int(params["code"]), int(params["status"])
            self.fake.usual = accept if status == 201 else refuse(code, status)
            self.reply_raw(204, b"")
            return
        self.resource = urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".json")
        if self.fake.delay_s:
            time.sleep(self.fake.delay_s)
        self.fake.next_answer(params)(self, params)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/_count":
            return self.reply(200, self.fake.counts())
        self.resource = parts.path.rsplit("/", 1)[-1].removesuffix(".json")
        if self.resource[:2] in ("SM", "CA"):
            return self.reply_about(self.resource)
        to = parse_qs(parts.query).get("To", [""])[0]
        self.fake.asked.append(to)
        if self.fake.list_fails:
            return self.reply(503, {"code": 20500, "message": "down", "status": 503})
        key = self.resource.lower()
        return self.reply(
            200,
            {
                key: self.fake.listed(self.resource, to),
                "next_page_uri": None,
                "page": 0,
                "page_size": 100,
                "uri": "",
            },
        )

    def reply_about(self, sid: str) -> None:
        self.fake.fetched.append(sid)
        if self.fake.list_fails:
            return self.reply(503, {"code": 20500, "message": "down", "status": 503})
        with self.fake.lock:
            known = next((each for each in self.fake.taken if each.sid == sid), None)
        if known is None:
            return self.reply(404, {"code": 20404, "message": "not found", "status": 404})
        return self.reply(200, known.as_json())

    def do_DELETE(self) -> None:
        sid = urlsplit(self.path).path.rsplit("/", 1)[-1].removesuffix(".json")
        if self.fake.deleting_fails:
            return self.reply(409, {"code": 20009, "message": "not finished", "status": 409})
        with self.fake.lock:
            known = [each for each in self.fake.taken if each.sid == sid]
            self.fake.deleted.append(sid)
            self.fake.taken = [each for each in self.fake.taken if each.sid != sid]
        if known:
            return self.reply_raw(204, b"")
        return self.reply(404, {"code": 20404, "message": "not found", "status": 404})

    def reply(self, status: int, content: dict[str, Any]) -> None:
        self.reply_raw(status, json.dumps(content).encode())

    def reply_raw(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # nobody listens any more


def signature(url: str, params: dict[str, str], token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, params))


def _clock(moment: str | None) -> Callable[[], datetime]:
    began = datetime.now(UTC)
    at = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Paris")) if moment else began
    return lambda: at + (datetime.now(UTC) - began)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--now", help="what its clock shows when it starts (Europe/Paris)")
    options = parser.parse_args()
    fake = FakeTwilio(delay_s=options.delay, clock=_clock(options.now)).start(options.port)
    print(fake.url, flush=True)  # noqa: T201
    fake.thread.join()


if __name__ == "__main__":
    main()
