"""A person at a browser, where every error counts: console, exceptions, refusals, traffic elsewhere."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.browser.installation import Installation

DESK_WIDTH = {"width": 1280, "height": 900}
PHONE_WIDTH = {"width": 390, "height": 844}

PATIENCE_MS = 30_000
"""Nothing is timed here: only a test that fails waits so long, also beside others on a slow machine."""
expect.set_options(timeout=PATIENCE_MS)

# Before any script of a page: what the content security policy refuses.
REPORT_REFUSALS = """
document.addEventListener("securitypolicyviolation", event =>
  console.error(`CSP refuses ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""


# At most for some seconds: a page that is not drawn, as when its server hangs, never ends them.
ANIMATIONS_END = """() => Promise.race([
  new Promise(resolve => setTimeout(resolve, 5000)),
  Promise.allSettled(document.getAnimations()
    .filter(each => each.effect.getComputedTiming().endTime !== Infinity).map(each => each.finished))])"""


@dataclass
class Visitor:
    """`page` is a tab of its own browser context. `problems` must be empty when the test ends."""

    installation: Installation
    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)
    allowed: list[re.Pattern[str]] = field(default_factory=list)

    def watch(self) -> None:
        self.context.add_init_script(REPORT_REFUSALS)
        self.context.on("request", self._request)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self._note(f"exception: {error.error}"))
        self.context.on("response", self._response)

    def allow(self, pattern: str) -> None:
        """An error that the test provokes on purpose, e.g. `allow("status of 404")`."""
        self.allowed.append(re.compile(pattern))

    def goto(self, path: str) -> Response | None:
        return self.page.goto(self.installation.url + path)

    def log_in(self, username: str, password: str) -> None:
        self.goto("/connexion/")
        self.page.locator("input[name=username]").fill(username)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("main button").click()
        expect(self.page.locator("header .who")).to_be_visible()

    def unexpected(self) -> list[str]:
        return [text for text in self.problems if not any(each.search(text) for each in self.allowed)]

    def _note(self, text: str) -> None:
        self.problems.append(f"{self.page.url}: {text}" if not self.page.is_closed() else text)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self._note(f"console {message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._note(f"{response.status} for {response.request.method} {response.url}")

    def _request(self, request: Request) -> None:
        """The browser finds no other host anyway (tests/browser/conftest.py)."""
        if urlsplit(request.url).hostname not in {"127.0.0.1", None}:
            self._note(f"asks for {request.url}")


def tick_and_read(page: Page, label: str) -> None:
    """Tick what changes which messages leave, and wait until they are listed, as who reads them does."""
    expect(page.locator("#announced")).not_to_have_text("…")
    with page.expect_response(lambda response: "announce" in response.request.headers):
        page.get_by_label(label).check()


def axe(page: Page, *, options: dict[str, object] | None = None) -> None:
    """Assert that axe finds nothing to say against the page as it stands."""
    page.evaluate(ANIMATIONS_END)  # halfway through, a colour is neither the one nor the other
    results = Axe().run(page, options={"resultTypes": ["violations"], "preload": False, **(options or {})})
    assert not results.violations_count, f"{page.url}\n{results.generate_report()}"
