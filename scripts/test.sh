#!/bin/sh
# The tests (docs/tests.md):
#   sh scripts/test.sh        what `make test` runs: on SQLite, the tests that run in one process, and one test
#                             each of the browser, of a race and of a crash
#   sh scripts/test.sh rest   all other tests in a browser or with several processes, and PostgreSQL
#   sh scripts/test.sh all    first the quick part, then the rest
#   sh scripts/test.sh long   the tests marked long, with thousands of examples, and the coverage of branches
#
# PostgreSQL runs only if TEST_DATABASE_URL is set, and only for tests that use the database, without those in a
# browser: what pages show does not depend on the database.
#
# COVERAGE=1 measures the lines that the tests of one process reach; it fails below the share in pyproject.toml.
#
# TEST_CLOCK changes the date for the tests that run in one process: `+200d`, or an instant such as
# `@2026-10-25 02:30:00` (UTC), from which time goes on. It needs `faketime`. Tests that start processes or a
# browser run separately, on the real date.
set -eu
cd "$(dirname "$0")/.."

CHROMIUM=$(sh scripts/chromium.sh)
export CHROMIUM

# A production-like environment in the caller's shell must not reach the tests.
unset DATABASE_URL DEBUG PERMANENCE_NOW PERMANENCE_NOW_FILE || true
# Many tests start processes: without this, each process would compile the whole product again.
unset PYTHONDONTWRITEBYTECODE || true

moved() {
    if [ -z "${TEST_CLOCK:-}" ]; then
        "$@"
        return
    fi
    if ! command -v faketime >/dev/null 2>&1; then
        apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends faketime >/dev/null || {
            echo "TEST_CLOCK needs the command faketime (Debian: apt-get install faketime)." >&2
            return 2
        }
    fi
    # Do not fake the times of files.
    NO_FAKE_STAT=1 faketime -f "$TEST_CLOCK" "$@"
}

# pytest's exit code if no test was selected: ARGS may leave one part without tests, but not all parts.
NO_TESTS=5
under=""
failed=0
found=""
spent=""
counted=""

run() {
    title=$1
    shift
    echo "== $title"
    began=$(date +%s)
    code=0
    # shellcheck disable=SC2086 # ARGS are several words on purpose
    $under .venv/bin/pytest -n auto --dist loadgroup "$@" ${ARGS:-} || code=$?
    spent="$spent
$(printf '%6s s  %s' $(($(date +%s) - began)) "$title")"
    if [ "$code" = "$NO_TESTS" ] && [ -n "${ARGS:-}" ]; then
        return
    fi
    found=yes
    [ "$code" = 0 ] || failed=$code
}

on_sqlite() {
    url=${TEST_DATABASE_URL:-}
    unset TEST_DATABASE_URL
    run "$@"
    [ -z "$url" ] || export TEST_DATABASE_URL="$url"
}

on_postgresql() {
    [ -z "${TEST_DATABASE_URL:-}" ] || run "$@"
}

processes="(browser or race or crash or process)"

# The long tests: what runs in one process with its date moved, what starts processes without.
long_ones() {
    if [ -z "${TEST_CLOCK:-}" ]; then
        on_sqlite "SQLite, long" -m "long" "$@"
        return
    fi
    under=moved
    on_sqlite "SQLite, long at $TEST_CLOCK" -m "long and not $processes" "$@"
    under=""
    on_sqlite "SQLite, long, processes" -m "long and $processes" "$@"
}

quick() {
    [ -z "${COVERAGE:-}" ] || counted="--cov --cov-report=term:skip-covered"
    if [ -z "${TEST_CLOCK:-}" ]; then
        # shellcheck disable=SC2086
        on_sqlite "SQLite" -m "not long and (not $processes or sample)" $counted
        return
    fi
    under=moved
    # shellcheck disable=SC2086
    on_sqlite "SQLite at $TEST_CLOCK" -m "not long and not $processes" $counted
    under=""
}

rest() {
    # With a moved date the three samples run here: alone they would keep one processor waiting.
    others="$processes and not sample"
    [ -z "${TEST_CLOCK:-}" ] || others=$processes
    on_sqlite "SQLite, browser and processes" -m "not long and $others"
    on_postgresql "PostgreSQL" -m "not long and database and not browser"
}

long() {
    # The quick tests again, to measure branches. On Python 3.13 the fast measurement cannot count branches.
    export COVERAGE_CORE=ctrace
    on_sqlite "SQLite, branches" -m "not long and not $processes" \
        --cov --cov-branch --cov-report=term:skip-covered --cov-fail-under=0
    unset COVERAGE_CORE
    # Property tests try thousands of examples instead of hundreds (tests/profiles.py).
    export HYPOTHESIS_PROFILE="${HYPOTHESIS_PROFILE:-long}"
    # That takes minutes: a test counts as hung after an hour, not after ten minutes (pyproject.toml).
    long_ones -o faulthandler_timeout=3600
    on_postgresql "PostgreSQL, long" -m "long and database and not browser" -o faulthandler_timeout=3600
}

case "${1:-quick}" in
    quick) quick ;;
    rest) rest ;;
    all) quick; rest ;;
    long) long ;;
    *) echo "There is no part « $1 »: quick, rest, all or long." >&2; exit 2 ;;
esac

echo "== Seconds$spent"
if [ -z "$found" ]; then
    echo "ARGS picks none of these tests; all of them: make test-all ARGS='${ARGS:-}'" >&2
    exit "$NO_TESTS"
fi
exit "$failed"
