#!/bin/sh
# The tests: everything on SQLite, then what touches the database on PostgreSQL where TEST_DATABASE_URL is set.
#
# Pure code is not tried twice, nor the browser: what it shows does not depend on the database.
# `sh scripts/test.sh long` runs the tests marked long instead.
set -eu
cd "$(dirname "$0")/.."

CHROMIUM=$(sh scripts/chromium.sh)
export CHROMIUM

# A production-like environment in the caller's shell must not reach the tests.
unset DATABASE_URL DEBUG PERMANENCE_NOW || true
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

# Where ARGS picks some tests, none may be left for one of the two databases (pytest's 5).
run() {
    title=$1
    shift
    echo "== $title"
    # shellcheck disable=SC2086 # ARGS are several words on purpose
    .venv/bin/pytest -n auto --dist loadgroup $patience "$@" ${ARGS:-} || { code=$?; [ -n "${ARGS:-}" ] && [ "$code" = 5 ] || return "$code"; }
}

failed=0
( unset TEST_DATABASE_URL; run "SQLite" -m "$which" ) || failed=$?
if [ -n "${TEST_DATABASE_URL:-}" ]; then
    run "PostgreSQL" -m "$which_on_postgres" || failed=$?
fi
exit "$failed"
