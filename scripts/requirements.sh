#!/bin/sh
# Pin the dependencies of pyproject.toml, with hashes, for every system and Python from 3.12.
#
# base.txt holds what the product needs; dev.txt holds the same pins, and the tools for tests and checks.
# Pinned versions stay if pyproject.toml allows them: `sh scripts/requirements.sh --upgrade` updates them.
set -eu
cd "$(dirname "$0")/.."

.venv/bin/python -m uv --version >/dev/null 2>&1 || .venv/bin/python -m pip install --quiet uv

compile() {
    output=$1
    shift
    .venv/bin/python -m uv pip compile pyproject.toml --quiet --universal --generate-hashes --python-version 3.12 \
        --no-emit-index-url --no-emit-find-links --no-header --output-file "$output" "$@"
}

compile requirements/base.txt "$@"
compile requirements/dev.txt --group dev --constraint requirements/base.txt "$@"

if grep -nE '^ *-(-index|-extra-index|-find|i|f)|://' requirements/*.txt; then
    echo "These lines name an address; nothing but names, versions and hashes belongs there." >&2
    exit 1
fi
