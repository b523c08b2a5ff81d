"""Use an installation from outside, by its proxy: `python3 -m scripts.installation.visit FOLDER < password`.

Logs the first manager in, pairs a screen and listens to its stream; later calls, without a first password,
log in again. FOLDER keeps the cookies from one call to the next. Raises where anything is not as it should
be. Debian's own Python is enough.
"""

import http.client
import json
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import LWPCookieJar
from pathlib import Path

ADDRESS = "https://permanence.exemple.fr"
CHOSEN = "une-phrase-du-matin-1"
STREAM_OPENS_S = 5.0
NEXT_BEAT_S = 15.0
"""A stream repeats its value every 10 seconds."""

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
CODE = re.compile(r'<p class="code"[^>]*>\s*(\w{3})\s+(\w{3})\s*</p>')
CABIN = re.compile(r'<option value="(cabin-\d+)"')


class Browser:
    def __init__(self, kept: Path) -> None:
        self.kept = kept
        self.cookies = LWPCookieJar(str(kept))
        if kept.exists():
            self.cookies.load(ignore_discard=True)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
            urllib.request.HTTPCookieProcessor(self.cookies),
        )

    def get(self, path: str) -> str:
        return self._answer(urllib.request.Request(ADDRESS + path))

    def post(self, path: str, form: dict[str, str]) -> str:
        """Fetches the page with the form first."""
        token = TOKEN.search(self.get(path))
        assert token, f"{path} has no form"
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **form}).encode()
        headers = {"Referer": ADDRESS + path}
        return self._answer(urllib.request.Request(ADDRESS + path, body, headers))

    def stream(self, path: str) -> http.client.HTTPResponse:
        answer = self._opener.open(ADDRESS + path, timeout=NEXT_BEAT_S)
        assert isinstance(answer, http.client.HTTPResponse)
        return answer

    def save(self) -> None:
        self.cookies.save(ignore_discard=True)

    def _answer(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=30) as answer:
                self.at = urllib.parse.urlsplit(answer.url).path
                read: bytes = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(
                f"{request.full_url} answers {error.code}: {error.read()[-2000:]!r}"
            ) from error
        return read.decode()


def log_in(folder: Path, password: str) -> Browser:
    manager = Browser(folder / "manager.cookies")
    page = manager.post("/connexion/", {"username": "sophie", "password": password or CHOSEN})
    if password:
        assert manager.at == "/connexion/mot-de-passe/", manager.at
        words = {"old_password": password, "new_password1": CHOSEN, "new_password2": CHOSEN}
        page = manager.post("/connexion/mot-de-passe/", words)
    assert "Sophie" in page, page[-2000:]
    print(f"the manager logs in and comes to {manager.at}")
    manager.get("/lieux/")
    print("the manager opens /lieux/")
    return manager


def pair(folder: Path, manager: Browser) -> Browser:
    screen = Browser(folder / "screen.cookies")
    page = screen.get("/ecran/")
    code = CODE.search(page)
    if code is None:
        print("the screen is still paired")
        return screen
    assert json.loads(screen.get("/ecran/jumelage/")) == {"reload": False}
    print(f"a screen shows the code {code[1]} {code[2]}")
    cabin = CABIN.search(manager.get("/ecrans/ajouter/"))
    assert cabin, "no cabin is offered"
    manager.post("/ecrans/ajouter/", {"code": code[1] + code[2], "place": cabin[1], "name": ""})
    assert json.loads(screen.get("/ecran/jumelage/")) == {"reload": True}
    assert CODE.search(screen.get("/ecran/")) is None
    print("it is paired, and shows its board")
    return screen


def listen(browser: Browser, path: str, values: int) -> None:
    """So many values of the stream, each when it is said and not when a buffer is full."""
    began = time.monotonic()
    with browser.stream(path) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert stream.readline() == b": open\n"
        opened = time.monotonic() - began
        assert opened < STREAM_OPENS_S, opened
        heard: list[float] = []
        while len(heard) < values:
            if stream.readline().startswith(b"data:"):
                heard.append(time.monotonic() - began)
            assert time.monotonic() - began < NEXT_BEAT_S
    said = ", ".join(f"{each:.1f}" for each in heard)
    print(f"{path} opens after {opened:.1f} s, and says its value after {said} s")


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    health = Browser(folder / "nobody.cookies")
    print(f"/health answers {health.get('/health').strip()[:80]}")
    health.get("/connexion/")
    print("/connexion/ answers")
    password = sys.stdin.read().strip()
    manager = log_in(folder, password)
    screen = pair(folder, manager)
    for browser, path in ((screen, "/ecran/flux/"), (manager, "/flux/lieux/")):
        listen(browser, path, values=2 if password else 1)
    screen.save()


if __name__ == "__main__":
    main()
