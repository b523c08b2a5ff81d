#!/bin/sh
# The tests: everything on SQLite, then what touches the database on PostgreSQL where TEST_DATABASE_URL is set.
#
# Pure code is not tried twice, nor the browser: what it shows does not depend on the database.
# `sh scripts/test.sh long` runs the tests marked long instead.
#
# TEST_CLOCK moves the date of the machine for what runs in one process: `+200d`, or an instant such as
# `@2026-10-25 02:30:00` (UTC), from which time goes on. It needs `faketime`. What starts processes, a browser
# among them, then runs by itself on the true date.
set -eu
cd "$(dirname "$0")/.."

CHROMIUM=$(sh scripts/chromium.sh)
export CHROMIUM

# A production-like environment in the caller's shell must not reach the tests.
unset DATABASE_URL DEBUG PERMANENCE_NOW PERMANENCE_NOW_FILE || true
# Many tests start processes of their own: each would compile the whole product again.
unset PYTHONDONTWRITEBYTECODE || true

if [ "${1:-}" = long ]; then
    # Property tests try thousands of examples instead of hundreds (tests/profiles.py).
    export HYPOTHESIS_PROFILE="${HYPOTHESIS_PROFILE:-long}"
    # That takes minutes: a test hangs after an hour, not after ten (pyproject.toml).
    patience="-o faulthandler_timeout=3600"
    which="long"
    which_on_postgres="long and database and not browser"
else
    patience=""
    which="not long"
    which_on_postgres="not long and database and not browser"
fi

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
    # The ages of files stay true.
    NO_FAKE_STAT=1 faketime -f "$TEST_CLOCK" "$@"
}

# Where ARGS picks some tests, none may be left for one of the two databases (pytest's 5).
run() {
    title=$1
    shift
    echo "== $title"
    # shellcheck disable=SC2086 # ARGS are several words on purpose
    $under .venv/bin/pytest -n auto --dist loadgroup $patience "$@" ${ARGS:-} || { code=$?; [ -n "${ARGS:-}" ] && [ "$code" = 5 ] || return "$code"; }
}

under=""
failed=0
processes="(browser or race or crash)"
if [ -n "${TEST_CLOCK:-}" ]; then
    ( unset TEST_DATABASE_URL; under=moved; run "SQLite at $TEST_CLOCK" -m "$which and not $processes" ) || failed=$?
    ( unset TEST_DATABASE_URL; run "SQLite, processes" -m "$which and $processes" ) || failed=$?
else
    ( unset TEST_DATABASE_URL; run "SQLite" -m "$which" ) || failed=$?
fi
if [ -n "${TEST_DATABASE_URL:-}" ]; then
    run "PostgreSQL" -m "$which_on_postgres" || failed=$?
fi
exit "$failed"
