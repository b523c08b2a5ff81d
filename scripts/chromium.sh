#!/bin/sh
# Print the path of a Chromium for the browser tests; install one with apt-get if there is none.
#
# The distribution's package is used, not the browser that a test tool downloads: it gets security updates,
# and comes from the package mirror like everything else.
set -eu

find_browser() {
    for name in ${CHROMIUM:-} chromium chromium-browser google-chrome google-chrome-stable; do
        # Try --version: Ubuntu's chromium-browser may be a stub that only says to install a snap.
        if path=$(command -v "$name") && "$path" --version >/dev/null 2>&1; then
            echo "$path"
            return 0
        fi
    done
    mac="/Applications/Chromium.app/Contents/MacOS/Chromium"
    if [ -x "$mac" ]; then
        echo "$mac"
        return 0
    fi
    return 1
}

find_browser && exit 0

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null 2>&1; then
        as_root="sudo"
    else
        as_root="none"
    fi
    if [ "$as_root" != none ]; then
        echo "Installing Chromium for the browser tests" >&2
        export DEBIAN_FRONTEND=noninteractive
        log=$(mktemp)
        {
            $as_root apt-get update -q &&
                $as_root apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core
        } >"$log" 2>&1 || {
            tail -n 15 "$log" >&2
            echo "apt-get could not install it." >&2
        }
        rm -f "$log"
        find_browser && exit 0
    fi
fi

cat >&2 <<'TEXT'

The browser tests need Chromium, and it could not be installed from here.

  Debian           apt-get install chromium      (as root)
  Fedora           dnf install chromium          (as root)
  macOS            brew install --cask chromium
  elsewhere        .venv/bin/playwright install --with-deps chromium

If it is installed under another name, say so:  make test CHROMIUM=/path/to/chromium
TEXT
exit 1
