"""The web process of an installation, for as long as a test asks it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from scripts import run
from tests.browser.installation import free_port
from tests.once import ROOT
from tests.upgrades.databases import Environment


@contextmanager
def serving(environment: Environment) -> Iterator[str]:
    """Its address."""
    port = free_port()
    with subprocess.Popen(
        run.web_command(port), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as web:
        try:
            run.wait_until_it_answers(port, {"web": web})
            yield f"http://127.0.0.1:{port}"
        finally:
            web.terminate()
