#!/bin/sh
# Make .venv with the first Python that is new enough. Prints nothing when there is nothing to do.
#
# Each candidate is run, not only found on the path: a pyenv shim exists even for versions that are not
# active here, and Debian's python3 may be unable to make environments (no ensurepip).
set -eu
venv=${1:-.venv}

usable() {
    "$1" -c 'import ensurepip, sqlite3, sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

if [ -x "$venv/bin/python" ] && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

for candidate in ${PYTHON:-} python3 python3.13 python3.14 python3.12 python python3.15; do
    if usable "$candidate"; then
        echo "Making $venv with $("$candidate" --version) ($(command -v "$candidate"))"
        exec "$candidate" -m venv --clear "$venv"
    fi
done

# pyenv may have versions that no shim runs here: take the newest one that is new enough.
for root in "${PYENV_ROOT:-}" "$HOME/.pyenv"; do
    for candidate in $(ls -d "$root"/versions/3.*/bin/python3 2>/dev/null | sort -V -r); do
        if usable "$candidate"; then
            echo "Making $venv with $("$candidate" --version) ($candidate)"
            exec "$candidate" -m venv --clear "$venv"
        fi
    done
done

cat >&2 <<'TEXT'

Permanence needs Python 3.12 or newer, with its "venv" and "sqlite3" modules, and found none.

  Debian, Ubuntu   apt-get install python3 python3-venv   (Debian 13, Ubuntu 24.04 or later)
  Fedora           dnf install python3
  macOS            brew install python@3.13
  pyenv            pyenv install 3.13

If it is installed under another name, say so:  make PYTHON=/path/to/python3.13
TEXT
exit 1
