#!/bin/sh
# Check our requests to the provider against a mock server made from the provider's own OpenAPI description.
#
# The mock server and the description come from npm (Node.js is needed) into a temporary folder: the
# description belongs to the provider and is not kept in this repository.
set -eu
cd "$(dirname "$0")/.."

PORT=${PORT:-4010}
DESCRIPTION=package/src/services/twilio-api/twilio_api_v2010.json
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT

echo "Fetching the mock server and the description"
npm install --silent --no-audit --no-fund --prefix "$folder" @stoplight/prism-cli@5
(cd "$folder" && npm pack --silent @twilio/cli-core@8 | tail -1 | xargs -I{} tar xzf {} "$DESCRIPTION")

"$folder/node_modules/.bin/prism" mock --port "$PORT" "$folder/$DESCRIPTION" >"$folder/log" 2>&1 &
server=$!
tries=0
until grep -q "Prism is listening" "$folder/log"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ] || ! kill -0 "$server" 2>/dev/null; then
        tail -5 "$folder/log" >&2
        exit 1
    fi
    sleep 1
done

PRISM_URL="http://127.0.0.1:$PORT" .venv/bin/pytest tests/notifications/test_contract.py
