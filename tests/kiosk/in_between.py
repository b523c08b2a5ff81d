"""What may be between a screen and its server: a portal that answers itself, a proxy that buffers streams."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORTAL = b"<!doctype html><title>Portail</title><h1>Identifiez-vous</h1><div class='sheet-body'>Wifi</div>"


class _Between(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, **headers: str) -> None:
        """In the server's place."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PORTAL)))
        self.end_headers()
        self.wfile.write(PORTAL)

    def pass_on(self, port: int) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as server:
            server.request("GET", self.path, headers=dict(self.headers))
            answer = server.getresponse()
            body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def portal(port: int) -> Iterator[dict[str, int]]:
    """In the server's place: to everything the same page, with `["status"]` as it stands then."""
    status = {"status": 200}

    class Portal(_Between):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = {"Location": "/connexion/?portail"} if status["status"] == 302 else {}
            self.answer(status["status"], **found)

        def do_POST(self) -> None:
            self.do_GET()

    with _served(ThreadingHTTPServer(("127.0.0.1", port), Portal)):
        yield status


@dataclass
class Answered:
    """What was answered in the server's place, and whether that goes on."""

    address: str
    paths: list[str] = field(default_factory=list)
    goes_on: bool = True


type Foreign = Callable[[str, str], bool]
"""Of a path and what it is fetched for (`Sec-Fetch-Dest`), whether the server never hears of it."""


@contextmanager
def answering_proxy(port: int, status: int, is_foreign: Foreign) -> Iterator[Answered]:
    """Passes on what is looked at, but answers itself, for ten minutes to come, what `is_foreign` says."""

    class Proxy(_Between):
        def do_GET(self) -> None:
            if "flux" in self.path:
                self.answer(503)
            elif answered.goes_on and is_foreign(self.path, self.headers.get("Sec-Fetch-Dest", "")):
                answered.paths.append(self.path)
                self.answer(status, Cache_Control="max-age=600")
            else:
                self.pass_on(port)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    answered = Answered(f"http://127.0.0.1:{server.server_port}")
    with _served(server):
        yield answered


@contextmanager
def buffering_proxy(port: int) -> Iterator[str]:
    """Passes all on but streams: those it opens, and then keeps what they say. Gives its address."""
    gone = threading.Event()

    class Proxy(_Between):
        def do_GET(self) -> None:
            if "flux" in self.path:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                self.wfile.flush()
                gone.wait(60)
            else:
                self.pass_on(port)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    with _served(server):
        yield f"http://127.0.0.1:{server.server_port}"
        gone.set()


@contextmanager
def _served(server: ThreadingHTTPServer) -> Iterator[None]:
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
