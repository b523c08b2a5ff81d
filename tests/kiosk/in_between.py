"""What may stand between a screen and its server: a portal that answers, a proxy that keeps streams."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORTAL = b"<!doctype html><title>Portail</title><h1>Identifiez-vous</h1><div class='sheet-body'>Wifi</div>"


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def portal(port: int) -> Iterator[dict[str, int]]:
    """In the server's place: to everything the same page, with `["status"]` as it stands then."""
    answer = {"status": 200}

    class Portal(_Quiet):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(answer["status"])
            if answer["status"] == 302:
                self.send_header("Location", "/connexion/?portail")
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PORTAL)))
            self.end_headers()
            self.wfile.write(PORTAL)

        def do_POST(self) -> None:
            self.do_GET()

    with _served(ThreadingHTTPServer(("127.0.0.1", port), Portal)):
        yield answer


@contextmanager
def buffering_proxy(port: int) -> Iterator[str]:
    """Passes all on but streams: those it opens, and then keeps what they say. Gives its address."""
    gone = threading.Event()

    class Proxy(_Quiet):
        def do_GET(self) -> None:
            if "flux" in self.path:
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                self.wfile.flush()
                gone.wait(60)
                return
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
