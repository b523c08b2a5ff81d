"""Seven.io as an HTTP server of our own: takes messages, refuses with each code, loses replies, is slow.

It answers as seven's documentation says (docs/providers.md), and signs webhooks as seven does.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from notifications.providers.seven.webhooks import signature
from tests.factories import TUESDAY

API_KEY, SIGNING_KEY = "key-of-the-fake", "signing-key-of-the-fake"
BASE = "https://permanence.example"

type Answer = Callable[["Handler", dict[str, Any]], None]


def accept(handler: "Handler", content: dict[str, Any]) -> None:
    handler.reply(200, taken(handler.fake.take(content)))


def taken(entry: dict[str, Any]) -> dict[str, Any]:
    """The answer to a message that was taken."""
    parts = -(-len(entry["text"]) // 153) if len(entry["text"]) > 160 else 1
    message = {"id": entry["id"], "recipient": entry["to"], "parts": parts, "success": True, "error": None}
    return {"success": "100", "total_price": 0.075 * parts, "messages": [message]}


def refuse(code: str) -> Answer:
    """Refused for this message, in an answer of status 200."""

    def answer(handler: "Handler", content: dict[str, Any]) -> None:
        message = {"id": None, "success": False, "error": code, "error_text": "refused"}
        handler.reply(200, {"success": code, "messages": [message]})

    return answer


def answer_with(status: int, content: Any) -> Answer:
    return lambda handler, _: handler.reply(status, content)


def lose_reply(handler: "Handler", content: dict[str, Any]) -> None:
    """Takes the message; the line breaks before the answer is out."""
    handler.fake.take(content)
    handler.close_connection = True


def lose_request(handler: "Handler", content: dict[str, Any]) -> None:
    handler.close_connection = True


def slow(handler: "Handler", content: dict[str, Any]) -> None:
    """Takes the message, and answers when nobody listens any more."""
    entry = handler.fake.take(content)
    time.sleep(1.5)
    handler.reply(200, taken(entry))


def garble(handler: "Handler", content: dict[str, Any]) -> None:
    """Takes the message, and a proxy answers for it."""
    handler.fake.take(content)
    handler.reply_raw(502, b"<html>Bad gateway</html>")


@dataclass
class FakeSeven:
    """`answers` are used up one per message; then every message is taken."""

    answers: list[Answer] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    journal_fails: bool = False

    def __enter__(self) -> "FakeSeven":
        handler = type("BoundHandler", (Handler,), {"fake": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/api"

    def take(self, content: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            entry = {"id": str(77_000_000_000 + len(self.taken)), "dlr": None, **content}
            self.taken.append(entry)
        return entry

    def next_answer(self) -> Answer:
        with self.lock:
            return self.answers.pop(0) if self.answers else accept


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeSeven

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        assert self.path == "/api/sms"
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.fake.keys.append(self.headers["X-Api-Key"])
        self.fake.next_answer()(self, content)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        assert parts.path == "/api/journal/outbound"
        to = parse_qs(parts.query)["to"][0]
        self.fake.asked.append(to)
        if self.fake.journal_fails:
            return self.reply(503, {})
        with self.fake.lock:
            found = [each for each in self.fake.taken if each["to"] == to]
        return self.reply(200, found[::-1])

    def reply(self, status: int, content: Any) -> None:
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


def call_webhook(
    path: str,
    event: str,
    data: dict[str, Any],
    *,
    key: str = SIGNING_KEY,
    at: datetime = TUESDAY,
    nonce: str = "",
    signed: str | None = None,
) -> int:
    """What seven posts to us; returns the status of our answer."""
    body = json.dumps({"webhook_event": event, "webhook_timestamp": at.isoformat(), "data": data}).encode()
    stamp, nonce = str(int(at.timestamp())), nonce or secrets.token_hex(16)
    if signed is None:
        signed = signature(key, stamp=stamp, nonce=nonce, method="POST", url=BASE + path, body=body)
    headers = {"X-Timestamp": stamp, "X-Nonce": nonce, "X-Signature": signed}
    return Client().post(path, body, content_type="application/json", headers=headers).status_code
