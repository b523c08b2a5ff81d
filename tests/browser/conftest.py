"""Fixtures of the browser tests: an installation of one's own at a chosen moment, and people who visit it.

`moment` is a Tuesday at ten and a Saturday at 20:16, one after the other. `installation` has the
demonstration loaded; it is started for each test, or once for a module that says `usefixtures("shared")`.
`visit` opens a browser for one more person. When a test fails, its report has the end of the server's logs
and a picture of each page. Each module says `pytestmark = pytest.mark.browser`.
"""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.installation import Installation, load_demonstration, started
from tests.browser.visitor import DESK_WIDTH, PATIENCE_MS, Visitor
from tests.once import copy_database, made_once, migrated

TUESDAY_MORNING = "2026-11-24T10:00"
SATURDAY_EVENING = "2026-11-21T20:16"

Visit = Callable[..., Visitor]


@pytest.fixture(params=[TUESDAY_MORNING, SATURDAY_EVENING], ids=["Tuesday", "Saturday"])
def moment(request: pytest.FixtureRequest) -> str:
    """What the installation's clock shows when the test begins."""
    return str(request.param)


def demonstration(moment: str) -> Path:
    """A folder with the database of the demonstration as it is loaded at this moment."""

    def load(folder: Path) -> None:
        copy_database(migrated(), folder)
        load_demonstration(folder, moment)

    return made_once(f"demonstration-{moment}", load)


@pytest.fixture
def installation(request: pytest.FixtureRequest, moment: str, tmp_path: Path) -> Iterator[Installation]:
    template = demonstration(moment)
    if "shared" in request.fixturenames:
        running: Installation = request.getfixturevalue("shared")
        running.begin_again(template, moment)
        yield running
    else:
        with started(tmp_path, template, moment) as running:
            yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The web process of a module whose tests neither move the clock nor need the worker, of which there is
    none: each test begins with the demonstration anew, without starting it."""
    moment = TUESDAY_MORNING
    with started(tmp_path_factory.mktemp("shared"), demonstration(moment), moment) as running:
        yield running


# Not longer than a module: while Playwright runs, Django refuses database work in this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    arguments = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        # Nothing of a test may reach beyond this machine. Cheaper than a look at each request from Python.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=arguments
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, installation: Installation) -> Iterator[Visit]:
    """`visit()` is one more person at a browser; `visit(viewport=PHONE_WIDTH, has_touch=True)` at a phone."""
    visitors: list[Visitor] = []

    def one_more(**options: object) -> Visitor:
        settings = {"viewport": DESK_WIDTH, "locale": "fr-FR", "timezone_id": "Europe/Paris", **options}
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(installation, context, context.new_page())
        visitor.watch()
        visitors.append(visitor)
        return visitor

    one_more.visitors = visitors  # type: ignore[attr-defined]
    yield one_more
    unexpected = [problem for visitor in visitors for problem in visitor.unexpected()]
    for visitor in visitors:
        visitor.context.close()
    assert not unexpected, "\n".join(unexpected)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    funcargs = getattr(item, "funcargs", {})
    installation = funcargs.get("installation")
    if report.failed and isinstance(installation, Installation):
        report.sections += [(f"end of the log: {name}", text) for name, text in installation.logs()]
        if call.when == "call" and "visit" in funcargs:
            report.sections.append(
                ("pictures", "\n".join(_pictures(installation, funcargs["visit"].visitors)))
            )
    return report


def _pictures(installation: Installation, visitors: list[Visitor]) -> Iterator[str]:
    for number, visitor in enumerate(visitors):
        path = installation.folder / f"page-{number}.png"
        visitor.page.screenshot(path=path)
        yield f"{visitor.page.url}  {path}"
