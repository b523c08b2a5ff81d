#!/bin/sh
# All checks except the tests. Each one runs even if others fail; the failed ones are named at the end.
set -u
cd "$(dirname "$0")/.."

bin=.venv/bin
failed=""
scratch=$(mktemp -d)
log=$scratch/log
trap 'rm -rf "$scratch"' EXIT

# A developer's environment must not make a check pass or fail.
unset DATABASE_URL PERMANENCE_NOW PERMANENCE_NOW_FILE || true
export DEBUG=1

step() {
    title=$1
    shift
    if "$@" >"$log" 2>&1; then
        echo "ok    $title"
    else
        echo "FAIL  $title"
        sed 's/^/      /; 80q' "$log"
        failed="$failed
      $title"
    fi
}

# Settings of a production machine, with values used for this check only.
production() {
    env DEBUG=0 SECRET_KEY="$(head -c 48 /dev/urandom | od -An -tx1 | tr -d ' \n')" \
        PUBLIC_BASE_URL=https://permanence.example ALLOWED_HOSTS=permanence.example \
        TWILIO_ACCOUNT_SID=AC00000000000000000000000000000000 TWILIO_AUTH_TOKEN=check \
        EMAIL_URL=smtp+tls://check:check@mail.example:587 \
        PERMANENCE_VAR="$scratch" STATIC_ROOT="$scratch/static" "$@"
}

templates_format() {
    find templates -name '*.html' -print0 2>/dev/null | xargs -0 -r $bin/djade --check
}

# mypy takes about as long as all the others together: it runs beside them.
$bin/mypy >"$scratch/mypy" 2>&1 &
mypy=$!
mypy_result() {
    wait "$mypy" && code=0 || code=$?
    cat "$scratch/mypy"
    return "$code"
}

step "ruff: lint" $bin/ruff check --quiet --output-format concise .
step "ruff: format" $bin/ruff format --check --output-format concise .
step "djade: templates" templates_format
step "imports go one way" $bin/lint-imports --no-logo
step "house rules" $bin/python scripts/check_house.py
step "templates and style sheets" $bin/python scripts/check_pages.py
step "vendored files" $bin/python scripts/vendor.py --verify
step "translations" $bin/python -m scripts.check_messages
step "requirements hold pyproject.toml" $bin/python scripts/check_requirements.py
step "django: check" $bin/python manage.py check
step "django: migrations" $bin/python manage.py makemigrations --check --dry-run
step "django: deployment" production $bin/python manage.py check --deploy --fail-level WARNING
step "static files: every reference exists" production $bin/python manage.py collectstatic --no-input
step "mypy: types" mypy_result

# Outdated pictures are only reported: they are made again when a page is finished, not at each change.
old=$($bin/python scripts/pictures.py)
[ -z "$old" ] || echo "$old" | sed 's/^/warn  /'

if [ -n "$failed" ]; then
    echo "
Failed:$failed"
    exit 1
fi
