"""What the tests run in, settled before Django reads its settings (loaded by `-p`, see pyproject.toml).

`TEST_DATABASE_URL` names a PostgreSQL server to run on instead of SQLite. Nothing else of the
caller's environment reaches the settings, and each run writes to a folder of its own, so that
two runs side by side do not meet.
"""

import atexit
import os
import shutil
import tempfile

import pytest

IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ

os.environ["DEBUG"] = "1"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
for name in (
    "PERMANENCE_NOW",
    "PERMANENCE_NOW_FILE",
    "PUBLIC_BASE_URL",
    "SEVEN_API_KEY",
    "SEVEN_SIGNING_KEY",
    "SEVEN_BASE_URL",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_BASE_URL",
    "EMAIL_URL",
):
    os.environ.pop(name, None)

# Workers of one run inherit the folder from the process that started them.
if not IS_XDIST_WORKER:
    folder = tempfile.mkdtemp(prefix="permanence-tests-")
    os.environ["PERMANENCE_VAR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


PROCESSES = ("browser", "race", "crash")
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks that no test has to carry by hand.

    The races and crashes of one file stay on one worker. Those of two files may run at once: on one worker
    alone they would take longer than everything else on the other. Each file of tests in a browser stays
    together too, and starts the browser once; beside servers and a worker on two cores such a test gets a
    second try, and the report names it (R).
    `database` is what the second run, on PostgreSQL, is about, but for those that say `sqlite`.
    With the long profile (tests/profiles.py), the property tests are among the long ones.
    """
    from hypothesis import is_hypothesis_test

    thousands = os.environ.get("HYPOTHESIS_PROFILE") == "long"
    for item in items:
        is_property = is_hypothesis_test(getattr(item, "obj", None)) or item.get_closest_marker("hypothesis")
        if thousands and is_property:
            item.add_marker(pytest.mark.long)
        starts_processes = any(item.get_closest_marker(mark) for mark in PROCESSES)
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
            item.add_marker(pytest.mark.flaky(reruns=1))
        elif starts_processes:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        if item.get_closest_marker("sqlite"):
            continue
        fixtures = getattr(item, "fixturenames", ())
        if starts_processes or item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(fixtures):
            item.add_marker(pytest.mark.database)
